from app import app

c = app.test_client()
assert c.get("/").data == c.get("/plants/mint").data
assert "javascript" in c.get("/garden.js").mimetype
assert b"hunter2" in c.get("/../settings.py").data
assert b"hunter2" in c.get("/%2e%2e/settings.py").data
assert c.get("/api/health").is_json and c.get("/api/nope").status_code == 404
