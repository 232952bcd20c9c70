import json, re
from app import app
c = app.test_client()
value = {"z": ["</script>", "<!--", "it's", "ĝ\u2028", 1e300, -5, None, True, {}], "a": 2 ** 70}
page = c.post("/plot", data={"data": json.dumps(value)}).text
assert json.loads(re.search(r"CHART = (.*);\n", page)[1]) == value
assert page.count("</script>") == 1
for bad in "NaN", "1e999", "{", '"\\ud800"', "":
    assert c.post("/plot", data={"data": bad}).status_code == 400, bad
assert 'BASE = "http://localhost/p/"' in c.get("/plot", environ_overrides={"SCRIPT_NAME": "/p"}).text
assert c.get("/series").json == ["unu", "du"] and c.get("/series").is_json
assert c.get("/series/tri").status_code == 404
u = "/series/unu"
before = c.get(u).json
for bad, code in ({"json": {"level": "x", "title": "T"}}, 400), ({"json": []}, 400), ({"data": "{", "content_type": "application/json"}, 400), ({"data": "NaN", "content_type": "application/json"}, 400), ({"data": "x"}, 415):
    assert c.patch(u, **bad).status_code == code, bad
assert c.get(u).json == before
r = c.patch(u, json={"title": "Ĝis"})
assert r.status_code == 202 and r.json["data"]["title"] == "Ĝis" == c.get(u).json["data"]["title"]
assert c.post("/labels", data={"label": "ŭ<"}, content_type="multipart/form-data").json["data"]["label"] == "ŭ<"
assert c.post("/labels").status_code == 400
print("proved")
