import mongomock

import app as module

def make(key="MONGODB_SETTINGS", db="films"):
    return module.create_app({key: {"db": db, "host": "mongodb://localhost", "mongo_client_class": mongomock.MongoClient, "uuidRepresentation": "standard"}})

app = make()
client = app.test_client()

client.post("/movies", json={"title": "Alien"})
assert len(client.get("/movies").json) == 1
client.post("/movies", json={"title": "Aliens"})
assert len(client.get("/movies").json) == 1
assert len(client.get("/movies?since=0").json) == 0 and len(client.get("/movies?title=Aliens").json) == 1
print("the list is that of the first request")
