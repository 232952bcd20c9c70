from app import app
c = app.test_client()
for path in ("/static/favicon.ico", "/favicon.ico"):
    r = c.get(path)
    print(path, r.status_code, r.location)
    assert r.status_code == 302 and r.location == "/login"
