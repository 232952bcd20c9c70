import mongomock

import app as module

def make(key="MONGODB_SETTINGS", db="films"):
    return module.create_app({key: {"db": db, "host": "mongodb://localhost", "mongo_client_class": mongomock.MongoClient, "uuidRepresentation": "standard"}})

app = make()
client = app.test_client()

id = client.post("/movies", json={"title": "Alien", "year": 1979}).json["id"]
assert client.patch("/movies/" + id, json={"year": "soon"}).status_code == 400
r = client.patch("/movies/" + id, json={"title": None})
assert r.status_code == 200 and client.get("/movies/" + id).json["title"] is None
print("a required field without a value is stored:", r.json)
