from pathlib import Path

from app import create_app

c = create_app().test_client()
built = Path("console_build/console.html").read_bytes()
for path in ("/console/", "/console/servers/fra-1", "/console/v1.2"):
    assert c.get(path).data == built and c.get(path).status_code == 200
assert c.get("/").data != built and c.get("/elsewhere").status_code == 404
assert c.get("/console/api/me").status_code == 401
assert c.post("/console/api/session", data={"name": "ada", "password": "analytical"}).status_code == 303
assert "Hello ada!" in c.get("/console/api/me").text
assert c.get("/console/api/servers/fra-1").json["data"]["id"] == "fra-1"
for path in ("/console/api/nope", "/console/api/servers/nope"):
    r = c.get(path)
    assert r.status_code == 404 and r.mimetype == "application/vnd.api+json"
assert "javascript" in c.get("/console/_static/console.js").mimetype
assert c.get("/console/_static/old.js").status_code == 404
assert c.get("/console/_static/../app.py").status_code in (200, 404)
assert b"PASSWORDS" not in c.get("/console/_static/../app.py").data
