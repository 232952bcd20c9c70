from app import app
c = app.test_client()
r = c.get("/favicon.ico")
assert r.status_code == 200 and r.data[:4] == b"\0\0\1\0"
assert r.content_type == "text/html; charset=utf-8" and r.headers["X-Content-Type-Options"] == "nosniff"
assert c.get("/static/favicon.ico").mimetype == "image/vnd.microsoft.icon"
print("proved: the icon at the root is text/html")
