from app import create_app
c = create_app().test_client()
r = c.get("/tides/a/b")
assert r.data == open("tides.html", "rb").read() and r.mimetype == "text/html"
assert c.get("/tides/", headers={"If-None-Match": r.headers["ETag"]}).status_code == 304
assert c.get("/tides/data/all").json[0]["at"] == "04:10" and c.get("/tides/data/none").status_code == 404
assert c.get("/tides/data/harbours/süd").json["harbour"] == "süd"
print("ok")
