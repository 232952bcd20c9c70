from app import app

c = app.test_client()
first, second = c.get("/api/departures/chur"), c.get("/api/departures/chur")
assert first.mimetype == "application/json"
assert second.mimetype == "text/html" and second.data == first.data     # from the cache
assert c.get("/api/x").status_code == 404 and c.get("/api/stations").is_json
assert c.get("/station/chur").data == c.get("/").data
assert "javascript" in c.get("/board/board.mjs").mimetype
