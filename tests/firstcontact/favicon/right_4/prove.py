from app import create_app
c = create_app().test_client()
for p in ("/", "/sensoren/außen/", "/sensoren/innen/werte/0", "/x"):
    assert "href='/favicon.ico'" in c.get(p).text, p
assert "href='/w/favicon.ico'" in c.get("/", base_url="http://localhost/w").text
r = c.get("/favicon.ico"); assert r.data[:4] == b"\0\0\1\0" and r.mimetype == "image/vnd.microsoft.icon"
e = r.headers["ETag"]; r.close()
assert c.get("/favicon.ico", headers={"If-None-Match": e}).status_code == 304
print("ok")
