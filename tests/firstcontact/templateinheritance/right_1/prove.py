from app import create_app
c = create_app().test_client()
for p in ("/", "/visit", "/rooms/", "/rooms/amber"):
    r = c.get(p); assert r.status_code == 200 and r.text.startswith("<!doctype") and "museum.css" in r.text and "Opening hours" in r.text
assert "rooms.css" in c.get("/rooms/iron").text and "<title>Iron – Museum</title>" in c.get("/rooms/iron").text
r = c.get("/rooms/none"); assert r.status_code == 404 and "museum.css" in r.text
print("ok")
