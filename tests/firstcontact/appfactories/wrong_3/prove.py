from app import create_app
a, b = create_app({"CUSTOMER": "Alpha"}), create_app({"CUSTOMER": "Beta"})
a.test_client().get("/")
t = b.test_client().get("/").text
assert "Alpha" in t and "Beta" not in t
print("Beta's page shows Alpha")
