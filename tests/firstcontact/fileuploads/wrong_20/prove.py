import io, tempfile
from app import create_app
app = create_app(); app.config["AVATARS"] = tempfile.mkdtemp()
c = app.test_client()
def up(name, data): return c.post("/avatars", data={"picture": (io.BytesIO(data), name)})
assert up("x.gif", b"<html>").status_code == 415
r = up("x.gif", b"GIF89a-0123456789")
assert r.status_code == 201
assert c.get(r.location).data == b"123456789" and len(b"GIF89a-0") == 8
assert up("x.exe", b"MZ").status_code == 415
