from app import create_app
app = create_app(); H = "Sec-CH-Prefers-Color-Scheme"
c = app.test_client()
assert "schema=dark" in c.get("/", headers={H: "dark"}).headers["Set-Cookie"]
r = c.get("/", headers={H: "light"})
assert "dunkel" in r.text and "Set-Cookie" not in r.headers
assert "Set-Cookie" in app.test_client().get("/x/y").headers
c.set_cookie("schema", "zz")
assert "schema=light" in c.get("/").headers["Set-Cookie"]
print("ok")
