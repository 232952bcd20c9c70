from app import create_app
c = create_app().test_client()
t = c.get("/pt-br/weather").text
assert 'href="/pt-br/"' in t and 'href="/de/weather"' in t and "Tempo" in t
assert c.get("/de/today").location == "/de/"
assert c.get("/", headers={"Accept-Language": "pt-BR"}).location == "/pt-br/"
assert c.get("/editions").json["en"] == "/en/weather"
assert c.get("/xx/weather").status_code == 404 and c.get("/en/none").status_code == 404
print("ok")
