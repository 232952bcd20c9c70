from pathlib import Path

from app import create_app

c = create_app().test_client()
built = Path("dist/index.html").read_bytes()
for path in ("/", "/games/go", "/domains/example.com/a.b", "/apiary"):
    assert c.get(path).data == built and c.get(path).status_code == 200, path
assert c.get("/api/games/go").json["data"]["name"] == "Go"
for path in ("/api/nope", "/api/games/nope", "/api", "/api/"):
    r = c.get(path)
    assert r.status_code == 404 and r.is_json, path
assert c.post("/api/games").status_code in (404, 405) and c.post("/api/games").is_json
assert "javascript" in c.get("/assets/index-BqX3vT0f.js").mimetype
assert c.get("/assets/index-old.js").status_code == 404
assert c.get("/assets/../../app.py").status_code == 404
