import mongomock

import app as module

def make(key="MONGODB_SETTINGS", db="films"):
    return module.create_app({key: {"db": db, "host": "mongodb://localhost", "mongo_client_class": mongomock.MongoClient, "uuidRepresentation": "standard"}})

app = make()
client = app.test_client()

id = client.post("/movies", json={"title": "Alien"}).json["id"]
assert client.head("/movies/" + id).status_code == 204
assert client.get("/movies/" + id).status_code == 404
print("HEAD has deleted the document")
