from app import create_app
c = create_app().test_client()
r = c.put("/rooms/1", json={"name": "Red room", "description": "x", "capacity": "many"})
assert r.status_code == 400
assert c.get("/rooms/1").json["name"] == "Red room"
assert c.put("/rooms/1", data="{", content_type="application/json").status_code == 400
assert c.put("/rooms/1", data="x").status_code == 415
print("proved: a refused request has changed the name")
