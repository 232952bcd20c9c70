from app import create_app
t = create_app({"SITE": "Lake house"}).test_client().get("/").text
assert "Lake house" not in t and "Guest book" in t
print("the page shows the module's app's setting: Guest book")
