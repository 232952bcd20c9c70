import io, os, tempfile
from app import app
app.config["BILDER"] = d = tempfile.mkdtemp()
c = app.test_client()
def up(name, data): return c.post("/hochladen", data={"bild": (io.BytesIO(data), name)})
png = open("samples/dot.png", "rb").read()
r = up("../../ä.PNG", png + b"rest"); assert r.status_code == 303 and r.location.startswith("/bilder/")
g = c.get(r.location); assert g.data == png + b"rest" and g.mimetype == "image/png"
assert c.get(up("x.pdf", b"%PDF-1.7\nabc").location).data == b"%PDF-1.7\nabc"
n = len(os.listdir(d))
for name, data in (("a.html", b"GIF89a"), ("a.png", b"<html>"), ("gif", b"GIF89a"), ("", b"")):
    r = up(name, data); assert r.status_code == 303 and r.location == "/hochladen", name
assert c.post("/hochladen").location == "/hochladen"
assert len(os.listdir(d)) == n
assert "Nur GIF" in c.get("/hochladen").text
assert up("a.gif", b"GIF89a" + b"x" * 1_600_000).status_code == 413
assert c.get("/bilder/../app.py").status_code == 404
