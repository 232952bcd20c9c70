import mongomock

import app as module

def make(key="MONGODB_SETTINGS", db="films"):
    return module.create_app({key: {"db": db, "host": "mongodb://localhost", "mongo_client_class": mongomock.MongoClient, "uuidRepresentation": "standard"}})

app = make("MONGO")
client = app.test_client()

r = client.post("/rezepte/neu", json={"bezeichnung": "Käse\u2028\U0001f9c0", "minuten": 5, "zutaten": ["Öl"], "quelle": {"buch": "Sacher", "seite": 12}})
assert r.status_code == 200 and r.json["bezeichnung"] == "Käse\u2028\U0001f9c0" and r.json["quelle"]["seite"] == 12
url = "/rezepte/" + r.json["id"]
assert client.patch(url, json={"minuten": 0}).status_code == 204
assert client.get(url).json["minuten"] == 0 and client.get(url).json["zutaten"] == ["Öl"]
for bad, status in (({"bezeichnung": " "}, 422), ({"bezeichnung": None}, 422), ({"minuten": "x"}, 422), ({"minuten": 2**64}, 422), ({"quelle": 1}, 400), ([], 400)):
    assert client.patch(url, json=bad).status_code == status, bad
assert client.post("/rezepte/neu", json={"minuten": 1}).status_code == 422
assert len(client.get("/rezepte?hoechstens=0").json) == 1 and client.get("/rezepte?hoechstens=-1").json == []
assert make("MONGO", "b").test_client().get("/rezepte").json == []
assert client.patch(url, json={"zutaten": []}).status_code == 204 and client.get(url).json["zutaten"] == []
assert client.delete(url).status_code == 204 == client.delete(url).status_code and client.get(url).status_code == 404
assert client.get("/rezepte/unsinn").status_code == 404
print("ok")
