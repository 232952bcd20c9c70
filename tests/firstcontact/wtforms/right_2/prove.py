import app as module

client = module.create_app().test_client()
valid = {"title": "Flask", "address": "https://flask.palletsprojects.com/", "stars": "0", "tags": ["1", "3"], "code": "AB123"}
r = client.post("/bookmarks", data=valid)
assert r.status_code == 201 and r.json["tags"] == [1, 3] and r.json["stars"] == 0, r.json
for bad in ({"title": " "}, {"title": "x" * 81}, {"stars": "6"}, {"stars": "x"}, {"stars": ""}, {"tags": ["4"]}, {"tags": []}, {"code": "AB123\n"}, {"code": ""}, {"address": "javascript:alert(1)"}):
    r = client.post("/bookmarks", data={**valid, **bad})
    assert r.status_code == 400 and list(r.json["errors"]) == list(bad), (bad, r.json)
assert client.post("/bookmarks?title=x", data={**valid, "title": ""}).status_code == 400
assert client.get("/").status_code == 200 and "checkbox" in client.get("/").text
assert module.create_app().test_client().get("/bookmarks").json == []
print("ok")
