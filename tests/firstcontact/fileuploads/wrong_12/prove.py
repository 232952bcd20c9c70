import io, os, tempfile

from app import create_app

top = tempfile.mkdtemp()
folder = os.path.join(top, "uploads")
os.mkdir(folder)
with open(os.path.join(top, "secret.txt"), "w") as f:
    f.write("password")
c = create_app({"MINUTES": folder}).test_client()
r = c.post("/", data={"minutes": (io.BytesIO(b"hello"), "../may.txt")})
assert r.status_code == 302 and c.get(r.location).data == b"hello"
assert c.post("/", data={"minutes": (io.BytesIO(b"x"), "a.html")}).status_code == 400
assert c.get("/minutes/../secret.txt").data == b"password"
assert c.get("/minutes/%2e%2e/secret.txt").data == b"password"
