from app import app

c = app.test_client()
assert c.get("/").status_code == 200
r = c.get("/city/bern")
assert r.data == c.get("/").data and r.status_code == 404      # looks right, says "not found"
assert c.get("/api/cities/xx").status_code == 404 and c.get("/api/cities/xx").is_json
assert c.get("/web/app.js").status_code == 200
