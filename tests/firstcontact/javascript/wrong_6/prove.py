from app import create_app
c = create_app().test_client()
r = c.post("/rooms/1", json={"name": "Changed"})
assert r.status_code == 400 and c.get("/rooms/1").json["name"] == "Changed"
print("400, and yet the name is:", c.get("/rooms/1").json["name"])
