from app import create_app
app = create_app()
a, b = app.test_client(), app.test_client()
assert a.post("/login", data={"user": "flora", "password": "no"}).status_code == 401
assert a.post("/login", data={"user": "x", "password": ""}).status_code == 401
a.post("/login", data={"user": "flora", "password": "seed"})
a.post("/contact", data={"text": "<b>é"})
assert "&lt;b&gt;é" in a.get("/").text and "&lt;b&gt;" not in a.get("/").text
assert "flora" in a.get("/").text and "flora" not in b.get("/").text
a.post("/contact", data={"text": "again"})
assert "again" in a.get("/report").text and "again" not in a.get("/contact").text
assert "flora" in a.get("/report").text and b.get("/account").status_code == 302
assert "visitor" in app.test_client().get("/beds/9").headers["Set-Cookie"]
print("ok")
