from app import app
c = app.test_client()
assert c.get("/plants").status_code == 200 and c.get("/plants/2").status_code == 404
print("/plants/2, a page of the client:", c.get("/plants/2").status)
