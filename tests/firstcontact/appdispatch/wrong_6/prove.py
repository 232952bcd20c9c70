from app import create_app
c = create_app().test_client()
assert c.get("/office/drafts").status_code == 200 and c.get("/off").status_code == 200
r = c.get("/offices-to-let")
assert r.status_code == 404
print("/offices-to-let, an article of the magazine, goes to the office app:", r.status)
