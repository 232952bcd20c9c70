from app import create_app
c = create_app().test_client()
t = c.get("/rm/touren").text
assert 'href="/rm/karten"' in t and 'href="/fr/touren"' in t and 'href="/static/karte.css"' in t and "Turas" in t
assert c.get("/sprachen").json["de"] == "/de/karten"
assert c.get("/xx/touren").status_code == 404 and c.get("/a/b/c").status_code == 404 and 'href="/de/karten"' in c.get("/a/b/c").text
print("ok")
