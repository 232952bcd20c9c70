import json
from bs4 import BeautifulSoup
from app import create_app
c = create_app().test_client()
evil = "</script><b>'\"&\u2028ü"
soup = BeautifulSoup(c.get("/karte", query_string={"ort": evil}).text, "html.parser")
assert json.loads(soup.find(id="messwerte").string)["ort"] == evil
url = json.loads(soup.find(id="pfad").string)
assert c.get(url).json == {"ort": evil, "art": "tag"}
assert c.get("/static/karte.js").status_code == 200
assert c.get("/api/messungen/M-9999").status_code == 404
n = len(c.get("/api/messungen").json)
for bad, code in ({"json": {"ort": "x"}}, 422), ({"json": []}, 422), ({"json": {"ort": "x", "grad": float("nan")}}, 422), ({"data": "{", "content_type": "application/json"}, 400), ({"data": "{}"}, 415):
    r = c.post("/api/messungen", **bad)
    assert r.status_code == code and r.mimetype == "application/problem+json", (bad, r.status_code)
assert len(c.get("/api/messungen").json) == n
r = c.post("/api/messungen", json={"ort": evil, "grad": 3})
assert r.status_code == 201 and r.json["ort"] == evil and c.get(r.location).json == r.json
print("proved")
