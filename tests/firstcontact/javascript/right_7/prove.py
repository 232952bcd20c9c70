import tomllib, uuid
from app import create_app, DESKS
c = create_app().test_client()
t = tomllib.load(open("conformance.toml", "rb"))["patterns"]["javascript"]
path = t["receive"]["path"]
assert uuid.UUID(path[-36:]) in DESKS
assert c.get(path).status_code == 401 and c.get("/desk").status_code == 303
assert c.post("/login", data={"name": "ada", "word": "x"}).status_code == 403
r = c.post("/login", data={"name": "ada", "word": "engine"}, follow_redirects=True)
assert "Signed in as ada" in r.text
assert '"theme": "\\u003c/script\\u003e"' in c.get("/desk?theme=</script>").text
assert c.put(path, json={"label": "ü", "height": 80}).status_code == 204
assert c.get(path).json == {"id": path[-36:], "label": "ü", "height": 80}
for bad, code in ({"json": {"label": 1, "height": 80}}, 400), ({"json": [1]}, 400), ({"json": {"label": "x", "height": True}}, 400), ({"data": "{", "content_type": "application/json"}, 400), ({"data": "x"}, 415):
    assert c.put(path, **bad).status_code == code, bad
assert c.get(path).json["height"] == 80
assert c.get(f"/api/desks/{uuid.uuid4()}").status_code == 404
r = c.delete("/session")
assert r.status_code == 303 and c.get(r.location).status_code == 200
print("proved")
