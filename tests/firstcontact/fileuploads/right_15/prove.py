import io, tempfile
from app import app
app.config["SAVES"] = tempfile.mkdtemp()
c = app.test_client()
def up(name, data=b"\x00\x01"): return c.post("/bewaar", data={"spel": "Myst", "save": (io.BytesIO(data), name)})
for name in ("slot 1.SAV", "../../etc/x.txt", "..\\..\\y.json", "мир.sav", "...sav", "/abs/ol.txt"):
    r = up(name); assert r.status_code == 202, name
    assert c.get(r.json["ophalen"]).data == b"\x00\x01", name
assert c.get("/haal/x.txt").mimetype == "text/plain"
assert up("x.html").status_code == 409 and up("sav").status_code == 409 and up("").status_code == 409
assert c.post("/bewaar").status_code == 409
assert up("a.sav", b"x" * 800_000).status_code == 413
assert up("a.sav", b"x" * 700_000).status_code == 202
assert c.get("/haal/../app.py").status_code == 404 and c.get("/haal/%2e%2e/app.py").status_code == 404
