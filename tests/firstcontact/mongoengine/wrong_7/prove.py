import mongomock

import app as module

def make(key="MONGODB_SETTINGS", db="films"):
    return module.create_app({key: {"db": db, "host": "mongodb://localhost", "mongo_client_class": mongomock.MongoClient, "uuidRepresentation": "standard"}})

app = make()
client = app.test_client()

id = client.post("/movies", json={"title": "Alien"}).json["id"]
assert client.get("/movies/" + id).json["title"] == "Alien"
assert client.patch("/movies/" + id, json={"title": "Aliens"}).json == client.get("/movies/" + id).json
with app.app_context():
    module.Movie.objects(id=id).update_one(set__title="Changed by a task")
assert client.get("/movies/" + id).json["title"] == "Aliens"
print("the page of the item does not see changes by others")
