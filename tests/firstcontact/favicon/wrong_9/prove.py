from app import create_app
app = create_app()
c = app.test_client()
assert c.get("/static/favicon.ico").mimetype == "image/vnd.microsoft.icon"
r = c.get("/favicon.ico")
assert r.status_code == 302 and r.location == "/login?next=/favicon.ico"
assert c.get(r.location).mimetype == "text/html"
r = c.post(r.location, data={"user": "kim", "password": "valve"})
assert r.location == "/favicon.ico"            # and here the visitor lands
assert c.get("/favicon.ico").status_code == 200
print("proved: /favicon.ico leads visitors to the login page")
