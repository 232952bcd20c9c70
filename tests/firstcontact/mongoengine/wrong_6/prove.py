import mongomock

import app as module

def make(key="MONGODB_SETTINGS", db="films"):
    return module.create_app({key: {"db": db, "host": "mongodb://localhost", "mongo_client_class": mongomock.MongoClient, "uuidRepresentation": "standard"}})

app = make()
client = app.test_client()

client.post("/movies", json={"title": "M.A.S.H"})
client.post("/movies", json={"title": "MOAOSOH"})
client.post("/movies", json={"title": "What? (1972)"})
assert len(client.get("/movies", query_string={"title": "M.A.S.H"}).json) == 2
assert client.get("/movies", query_string={"title": "What? (1972)"}).json == []
assert client.get("/movies", query_string={"title": "("}).status_code == 500
print("the title is a regular expression")
