import mongomock

import app as module

def make(key="MONGODB_SETTINGS", db="films"):
    return module.create_app({key: {"db": db, "host": "mongodb://localhost", "mongo_client_class": mongomock.MongoClient, "uuidRepresentation": "standard"}})

app = make()
client = app.test_client()

id = client.post("/movies", json={"title": "Alien", "year": 1979}).json["id"]
assert client.patch("/movies/" + id, data='{"title": "Changed", "year": "soon"}', content_type="application/json").status_code == 400
assert client.get("/movies/" + id).json["title"] == "Changed"
print("400, but half of the update was stored")
