import mongomock

import app as module

def make(key="MONGODB_SETTINGS", db="films"):
    return module.create_app({key: {"db": db, "host": "mongodb://localhost", "mongo_client_class": mongomock.MongoClient, "uuidRepresentation": "standard"}})

app = make()
client = app.test_client()

client.post("/movies", json={"title": "Alien", "imdb": {"imdb_id": "tt0078748", "rating": 8.5}})
second = client.post("/movies", json={"title": "Nobody knows it"}).json
assert second["imdb"]["imdb_id"] == "tt0078748", second
print("a document without nested values got those of another:", client.get("/movies/" + second["id"]).json)
