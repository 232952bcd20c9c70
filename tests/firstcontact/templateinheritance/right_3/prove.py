from app import app
c = app.test_client()
t = c.get("/carte/plats").text
assert "<li>Sole &amp; beurre</li>" in t and "font-family" in t and "square" in t and "Service compris" in t
assert "<title>Plats – Chez Lulu</title>" in t and "<title>Accueil – Chez Lulu</title>" in c.get("/").text
assert c.get("/carte/rien").status_code == 404
print("ok")
