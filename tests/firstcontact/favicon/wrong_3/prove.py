from app import app
r = app.test_client().get("/static/favicon.ico")
print(r.content_type, r.data[:40])
assert r.data.startswith(b"<?xml") and "svg" not in r.content_type
