import mongomock

import app as module

def make(key="MONGODB_SETTINGS", db="films"):
    return module.create_app({key: {"db": db, "host": "mongodb://localhost", "mongo_client_class": mongomock.MongoClient, "uuidRepresentation": "standard"}})

app = make()
client = app.test_client()

url = "/api/v1/books/"
r = client.post(url, json={"name": "Momo", "pages": 3, "tags": ["a"], "publisher": {"name": "Suhrkamp", "city": "Berlin"}})
assert r.status_code == 201 and r.json["publisher"] == {"name": "Suhrkamp", "city": "Berlin"}, r.json
id = r.json["id"]
assert client.put(url + id, json={"pages": 0}).json["name"] == "Momo"
assert client.get(url + id).json["pages"] == 0 and client.head(url + id).status_code == 200
for bad in ({"name": None}, {"pages": 2**70}, {"pages": "x"}, {"name": 3}, {"tags": "a"}, {"x": 1}, {"publisher": {"y": 1}}, {"publisher": 3}, []):
    assert client.put(url + id, json=bad).status_code == 422, bad
assert client.put(url + id, data="{", content_type="application/json").status_code == 400
assert client.post(url, json={}).status_code == 422
other = make(db="other").test_client()
assert other.get(url).json["items"] == [] and client.get(url).json["count"] == 1
assert client.get(url + "?longer=-1").json["count"] == 1 == client.get(url + "?tag=b&tag=a").json["count"]
assert client.get(url + "?longer=0").json["count"] == 0
with app.app_context():
    assert module.Book.objects(tags__in=["a"]).first().name == "Momo"
assert client.delete(url + id).status_code == 200 and client.get(url + id).status_code == 404
assert client.get(url + "nonsense").status_code == 404 == client.delete(url + id).status_code
print("ok")
