from bs4 import BeautifulSoup

from app import create_app

c = create_app().test_client()
for path in ("/", "/brest/aujourdhui", "/brest/2024.05.01", "/x/y/z"):
    r = c.get(path)
    soup = BeautifulSoup(r.text, "html.parser")
    assert r.status_code == 200 and soup.article is not None
    assert all(f"'nonce-{s['nonce']}'" in r.headers["Content-Security-Policy"] for s in soup.find_all("script"))
    assert "javascript" in c.get(soup.find_all("script")[1]["src"]).mimetype
for _ in range(2):
    r = c.get("/donnees/ports.json")
    assert r.mimetype == "application/json" and r.json["ports"] == ["brest", "cuxhaven"]
assert c.get("/donnees/brest.json").json["hauteurs"] == [3.1, 6.8, 2.9]
for path in ("/donnees/oslo.json", "/donnees/rien", "/donnees/a/b"):
    r = c.get(path)
    assert r.status_code == 404 and r.mimetype == "application/json", path
assert c.get("/ressources/vieux.js").status_code == 404
assert b"PORTS =" not in c.get("/ressources/../app.py").data
