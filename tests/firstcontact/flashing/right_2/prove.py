import os, tempfile
from app import create_app
app = create_app({"DATABASE": os.path.join(tempfile.mkdtemp(), "x.db")})
a, b = app.test_client(), app.test_client()
long = "bohnen ☘ " * 900
a.post("/offers", data={"body": long}); a.post("/offers", data={"body": "<i>zwei"})
assert "zwei" not in b.get("/").text
a.get("/api/ping")
t = a.get("/").text
assert long.strip() in t and "&lt;i&gt;zwei" in t and t.index("bohnen") < t.index("zwei")
assert "zwei" not in a.get("/").text
print("ok")
