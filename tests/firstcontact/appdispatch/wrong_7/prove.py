from app import create_app
c = create_app().test_client()
assert c.get("/pool/lanes").status_code == 200
r = c.get("/pool/tickets/prices")
assert r.status_code == 404
print("/pool/tickets/prices:", r.status)
