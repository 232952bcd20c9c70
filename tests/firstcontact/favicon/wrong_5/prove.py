from app import create_app
c = create_app().test_client()
assert "shortcut icon" in c.get("/delivery").text and "icon" not in c.get("/checkout").text
print("/checkout has no link to the icon")
