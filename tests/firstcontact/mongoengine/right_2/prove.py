import mongomock

import app as module

def make(key="MONGODB_SETTINGS", db="films"):
    return module.create_app({key: {"db": db, "host": "mongodb://localhost", "mongo_client_class": mongomock.MongoClient, "uuidRepresentation": "standard"}})

app = make()
client = app.test_client()

r = client.post("/people", json={"name": "Ada", "born": 1815, "languages": ["en", "de"], "address": {"street": "Straße", "zip": "01067"}})
assert r.status_code == 201, r.text
id = r.json["id"]
assert client.get("/people/" + id).json == r.json
assert client.post("/people/" + id, json={"born": None, "languages": []}).json["name"] == "Ada"
assert client.get("/people/" + id).json["languages"] == [] and client.get("/people/" + id).json["address"]["zip"] == "01067"
for bad in ({"name": None}, {"born": 2**70}, {"born": "x"}, {"languages": [1]}, {"languages": "ab"}, {"id": 3}, 3):
    assert client.post("/people/" + id, json=bad).status_code == 400, bad
assert client.get("/people?born=1").json == {"people": []}
assert make(db="b").test_client().get("/people").json == {"people": []}
assert len(client.get("/people").json["people"]) == 1
with app.app_context():
    module.Person(name="by hand").save()
assert len(client.get("/people").json["people"]) == 2
for missing in ("0" * 24, "x", "00000000-0000-4000-8000-000000000000"):
    assert client.get("/people/" + missing).status_code == 404
assert client.post("/people/" + id + "/remove").status_code == 200 and client.get("/people/" + id).status_code == 404
print("ok")
