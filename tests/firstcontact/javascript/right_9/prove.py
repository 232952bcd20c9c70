import json, re
from bs4 import BeautifulSoup
from app import create_app
c = create_app().test_client()
evil = "it's <!--<script> \"&\" </script>"
page = c.get("/garden", query_string={"season": evil}).text
soup = BeautifulSoup(page, "html.parser")
assert json.loads(soup.body["data-filters"])["season"] == evil
assert json.loads(re.search("const filters = (.*)", page)[1])["season"] == evil
url = json.loads(re.search("const tipUrl = (.*)", page)[1])
assert BeautifulSoup(c.get(url).text, "html.parser").blockquote.string == f"In {evil}, water the ferns in the morning."
n = len(c.get("/plants").json)
for bad, code in ({"json": {"name": "x", "litres": "y"}}, 400), ({"json": {"name": "x"}}, 400), ({"json": {"name": "x", "litres": 501}}, 400), ({"json": "x"}, 400), ({"data": "{", "content_type": "application/json"}, 400), ({"data": "x"}, 415):
    assert c.post("/plants", **bad).status_code == code, bad
assert len(c.get("/plants").json) == n
r = c.post("/plants", json={"name": evil, "litres": 0})
assert r.status_code == 201 and r.json["name"] == evil and c.get(r.json["self"]).json == r.json
assert c.get(r.json["picture"]).status_code == 200
assert c.get(f"/plants/{10**30}").status_code == 404
assert c.patch("/plants/1").status_code == 303
r = c.post("/garden/notes", data={"note": evil}, content_type="multipart/form-data")
assert BeautifulSoup(r.text, "html.parser").li.string == evil and c.post("/garden/notes").status_code == 422
print("proved")
