import mongomock

import app as module

def make(key="MONGODB_SETTINGS", db="films"):
    return module.create_app({key: {"db": db, "host": "mongodb://localhost", "mongo_client_class": mongomock.MongoClient, "uuidRepresentation": "standard"}})

app = make()
client = app.test_client()

r = client.post("/stations", json={"label": "Süd\nkreuz", "platforms": 10, "lines": ["S1"], "position": {"lat": 52.5, "lon": 13.25}})
assert r.status_code == 201 and r.json["id"] == 1, r.text
assert client.get("/stations/1").json == r.json
assert client.patch("/stations/1", json={"lines": []}).json["version"] == 2
got = client.get("/stations/1")
assert got.json["lines"] == [] and got.json["platforms"] == 10
assert client.get("/stations/1", headers={"If-None-Match": got.headers["ETag"]}).status_code == 304
assert client.patch("/stations/1", json={"platforms": 1}, headers={"If-Match": '"1"'}).status_code == 412
for bad in ({"label": None}, {"label": ""}, {"label": 3}, {"platforms": 2**63}, {"platforms": "x"}, {"position": {"x": 1}}, {"position": 1}, {"lines": "S1"}, []):
    assert client.patch("/stations/1", json=bad).status_code == 400, bad
    assert client.post("/stations", json=bad).status_code == 400, bad
assert client.post("/stations", json={"label": "Ost"}).json["id"] == 2
with app.app_context():
    assert module.Station(label="by hand").save().number == 3
assert [s["id"] for s in client.get("/stations").json] == [1, 2, 3]
assert make(db="b").test_client().get("/stations").json == []
assert client.delete("/stations/3").status_code == 204 and client.get("/stations/3").status_code == 404
for missing in ("4", "0" * 24, "9" * 24, "f" * 24, "x"):
    assert client.get("/stations/" + missing).status_code == 404
print("ok")
