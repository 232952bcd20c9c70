from app import app
c = app.test_client()
assert c.get("/now/playing").data == open("public/player.html", "rb").read()
for p in ("/api/v1/x", "/api/v1/", "/api/v1/tracks/9", "/api/v0/tracks"): assert c.get(p).status_code == 404 and c.get(p).is_json, p
assert c.get("/_/dom.js").status_code == 200 and c.get("/_/none.js").status_code == 404
print("ok")
