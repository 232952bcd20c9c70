from app import create_app
t = create_app().test_client().get("/shifts").text
assert "1812 €" in t
print("a stranger reads the takings: 1812 €")
