from flask import Flask
from app import app, init_app, plus_tard
r = app.test_client().get("/", headers={"Accept-Language": "xx, oc;q=0.3, en;q=0.2"})
assert "langue=oc" in r.headers["Set-Cookie"] and "Benvenguda" in r.text
other = Flask("o"); init_app(other)
@other.get("/")
def view():
    @plus_tard
    def f(r):
        plus_tard(lambda r: (r.headers.add("X-B", "2"), r)[1])
        r.headers["X-A"] = "1"
        return r
    return "x"
h = other.test_client().get("/").headers
assert h["X-A"] == "1" and h["X-B"] == "2"
print("ok")
