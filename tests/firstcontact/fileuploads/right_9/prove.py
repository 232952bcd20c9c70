import io, os, tempfile

from app import create_app

folder = tempfile.mkdtemp()
c = create_app({"DEPOT": folder}).test_client()
png = open("samples/entete.png", "rb").read()


def up(name, data=png):
    return c.post("/mairie/depot", data={"document": (io.BytesIO(data), name)})


r = up("../../Plan été.PNG", png + b"reste")
assert r.location == "/mairie/documents/1"
got = c.get(r.location)
assert got.data == png + b"reste" and got.mimetype == "image/png"
assert up("b.gif", b"GIF89a...").location == "/mairie/documents/2"
assert up("a.html").status_code == 415 and up("a.png.html").status_code == 415 and up("png").status_code == 415
assert up("a.pdf").status_code == 422 and up("").status_code == 400
assert c.post("/mairie/depot").status_code == 400
assert up("a.png", png + b"x" * 10_000_000).status_code == 413
assert len(os.listdir(folder)) == 2
assert c.get("/mairie/documents/9").status_code == 404
