from app import app
c = app.test_client(); c.set_cookie("lang", "xx")
r = c.get("/")
assert r.status_code == 500
print("cookie lang=xx:", r.status)
