from app import app
c = app.test_client()
for p in ("/", "/nights/2024-05-09", "/club/house/rules", "/none"):
    assert 'href="http://localhost/favicon.ico"' in c.get(p).text
r = c.get("/favicon.ico"); assert r.status_code == 200 and r.data[:4] == b"\0\0\1\0" and r.mimetype.startswith("image/"); r.close()
print("ok")
