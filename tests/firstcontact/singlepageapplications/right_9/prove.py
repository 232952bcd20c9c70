from pathlib import Path

from app import app

c = app.test_client()
built = Path("client/main.html").read_bytes()
for path in ("/", "/φως", "/a/b/c.d", "/api", "/login?next=/x"):
    r = c.get(path)
    assert r.status_code == 200 and r.data == built and r.mimetype == "text/html", path
assert c.get("/api/v2/words/φως").json["μετάφραση"] == "light"
assert c.get("/api/v2/words/%CF%86%CF%89%CF%82").json["μετάφραση"] == "light"
for path in ("/api/v2/words/x", "/api/v2/x", "/api/v2/"):
    r = c.get(path)
    assert r.status_code == 404 and r.mimetype == "application/json", path
assert c.post("/api/v2/words").status_code == 405 and "GET" in c.post("/api/v2/words").headers["Allow"]
assert c.get("/-/dictionary.js").status_code == 200 and c.get("/-/old.js").status_code == 404
assert c.post("/anything").status_code == 404
