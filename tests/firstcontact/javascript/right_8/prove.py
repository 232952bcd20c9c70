import json
from bs4 import BeautifulSoup
from app import app
c = app.test_client()
evil = "l'\"été\"> & <b onclick='x'></script>"
soup = BeautifulSoup(c.get("/", query_string={"recherche": evil}).text, "html.parser")
assert json.loads(soup.find(id="plan")["data-plan"])["recherche"] == evil
assert 'RACINE = "/media/"' in c.get("/", headers={"X-Forwarded-Prefix": "/media"}).text
assert 'RACINE = "/m/"' in c.get("/", environ_overrides={"SCRIPT_NAME": "/m"}).text
assert c.get("/donnees/rayons/zz").status_code == 404
u = "/donnees/rayons/b2"
for bad, code in ({"json": {"etage": "x"}}, 422), ({"data": "null", "content_type": "application/json"}, 422), ({"data": "{", "content_type": "application/json"}, 400), ({"data": "x"}, 415), ({"json": {"nom": "N", "etage": None}}, 422):
    assert c.patch(u, **bad).status_code == code, bad
assert c.get(u).json["nom"] == "Bandes dessinées"
assert c.patch(u, json={"nom": evil}).json == {"cote": "b2", "nom": evil, "etage": 1}
assert "<b onclick" not in c.get("/fragment", query_string={"recherche": evil}).text
print("proved")
