from app import app
c = app.test_client()
for p in ("/", "/bridges/göltzsch", "/bridges/by-year/1851/", "/none"):
    assert 'rel="shortcut icon" href="/assets/favicon.ico"' in c.get(p).text
r = c.get("/favicon.ico", follow_redirects=True)
assert r.status_code == 200 and r.data[:4] == b"\0\0\1\0" and r.mimetype.startswith("image/"); r.close()
assert 'href="/x/assets/favicon.ico"' in c.get("/", base_url="http://localhost/x").text
assert c.get("/favicon.ico", base_url="http://localhost/x").location.endswith("/x/assets/favicon.ico")
print("ok")
