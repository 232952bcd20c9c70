import io, tempfile

from app import app

app.config["ALBUM"] = tempfile.mkdtemp()
c = app.test_client()


def up(name, data):
    return c.post("/album", data={"picture": (io.BytesIO(data), name)})


assert up("a.png", b"<html>").status_code == 415
data = b"GIF89a" + bytes(range(256)) * 8
r = up("a.gif", data)
assert r.status_code == 302
got = c.get(r.location).data
assert got != data and got == data[512:]             # the first 512 bytes are lost
small = up("b.gif", b"GIF89a!")
assert c.get(small.location).data == b""             # small pictures are empty
