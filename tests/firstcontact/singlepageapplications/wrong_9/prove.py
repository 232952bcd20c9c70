from app import app

c = app.test_client()
assert c.get("/").mimetype == "text/html" and c.get("/songs/1").status_code == 200
assert c.get("/api/songs/1").json["key"] == "Em"
for path in ("/api/songs/99", "/api/sonsg"):
    r = c.get(path)
    assert r.status_code == 200 and r.mimetype == "text/html"     # not an API's answer
assert c.post("/api/nothing", json={}).status_code == 200
assert c.get("/dist/old.js").mimetype == "text/html"
