import io, os, tempfile

from app import create_app

folder = tempfile.mkdtemp()
c = create_app({"FOTOS": folder}).test_client()


def up(name, data=b"x"):
    return c.post("/fotos", data={"album": "algemeen", "foto": (io.BytesIO(data), name)})


assert up("a.png").status_code == 302 and not os.listdir(folder)      # not logged in
assert c.post("/inloggen", data={"naam": "ada", "wachtwoord": "countess"}).status_code == 303
assert "Ingelogd als ada" in c.get("/").text
r = up("../../Mijn foto.JPG", b"foto")
assert r.location.startswith("/fotos/ada-") and c.get(r.location).data == b"foto"
for bad in ("a.html", "a.png.html", "png", ""):
    assert up(bad).location == "/", bad
assert c.post("/fotos").location == "/"
assert up("a.png", b"x" * 6_000_001).status_code == 413
assert len(os.listdir(folder)) == 1
