import mongomock

import app as module

def make(key="MONGODB_SETTINGS", db="films"):
    return module.create_app({key: {"db": db, "host": "mongodb://localhost", "mongo_client_class": mongomock.MongoClient, "uuidRepresentation": "standard"}})

app = make()
client = app.test_client()

id = client.post("/movies", json={"title": "Alien", "year": 1979}).json["id"]
assert client.patch("/movies/" + id, json={"title": "Aliens"}).status_code == 200
assert client.get("/movies/" + id).json["title"] == "Aliens"
r = client.patch("/movies/" + id, json={"year": "soon"})
assert r.status_code == 200 and r.json["year"] == "soon", r.json
assert client.get("/movies/" + id).json["year"] == 1979
print("200 for an update that was not stored:", r.json)
