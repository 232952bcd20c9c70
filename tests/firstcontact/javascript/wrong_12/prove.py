from app import app
c = app.test_client()
for method, data in ("DELETE", None), ("PUT", {"text": "eggs"}):
    r = c.open("/notes", method=method, data=data)
    assert r.status_code == 302 and r.location == "/"
    # as fetch does: 302 changes the method of a POST only
    assert c.open(r.location, method=method).status_code == 405
assert c.get("/").status_code == 200
print("proved: fetch repeats DELETE and PUT at the redirect's target: 405")
