import mongomock

import app as module

def make(key="MONGODB_SETTINGS", db="films"):
    return module.create_app({key: {"db": db, "host": "mongodb://localhost", "mongo_client_class": mongomock.MongoClient, "uuidRepresentation": "standard"}})

app = make()
client = app.test_client()

r = client.post("/notes", json={"headline": "H", "size": 2, "keywords": ["a", "b"], "link": {"url": "https://example.org/", "label": "Ö"}})
assert r.status_code == 201, r.text
url = "/notes/" + r.json["id"]
assert client.get(url).json == r.json and client.get("/notes?keyword=b").json["notes"] == [r.json]
assert client.patch(url, json={"size": None}).json["headline"] == "H"
for bad in ({"headline": None}, {"size": 2**63}, {"size": "x"}, {"link": {"url": "no"}}, {"link": 1}, {"link": {"z": 1}}, 1):
    assert client.patch(url, json=bad).status_code == 422, bad
with app.app_context():
    module.Item(headline="another kind").save()
    assert module.Note.objects.count() == 1 and module.Item.objects.count() == 2
assert make(db="b").test_client().get("/notes").json["notes"] == []
assert len(client.get("/notes").json["notes"]) == 1
assert client.delete(url).status_code == 200 and client.get(url).status_code == 404 == client.delete(url).status_code
assert client.patch(url, json={"size": 1}).status_code == 404 and client.get("/notes/x").status_code == 404
with app.app_context():
    assert module.Note.objects.count() == 0 and client.get("/notes").json["notes"] == []
print("ok")
