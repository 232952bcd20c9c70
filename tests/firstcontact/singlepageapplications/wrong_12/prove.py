from app import create_app

c = create_app().test_client()
assert c.get("/").status_code == 200 and c.get("/domains/new").data == c.get("/").data
assert c.get("/domains/example.com").status_code == 404     # a page of the front end, reloaded
assert c.get("/domains/example.com/records").status_code == 200
assert c.get("/api/v1/domains/example.com").is_json
assert c.get("/api/v1/x").status_code == 404 and c.get("/ui/console.js").status_code == 200
