import tempfile
from app import create_app
app = create_app({"SESSIONS": tempfile.mkdtemp()})
a, b = app.test_client(), app.test_client()
long = "idée ✎ " * 1500
a.post("/idees", data={"idee": long + "<b>", "genre": '"><script>'})
assert a.get("/etat").json == {"connecte": False}
assert long not in b.get("/").text
t = a.get("/").text
assert long + "&lt;b&gt;" in t and "<script>" not in t
assert long not in a.get("/").text
assert a.post("/entree", data={"nom": "zoé", "mot": "x"}).status_code == 403
assert "Bienvenue" in a.post("/entree", data={"nom": "zoé", "mot": "sésame"}, follow_redirects=True).text
print("ok")
