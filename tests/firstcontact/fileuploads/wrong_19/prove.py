import io, os, tempfile
from app import app
base = tempfile.mkdtemp(); app.config["DOCS"] = os.path.join(base, "docs")
open(os.path.join(base, "secret.cfg"), "w").write("SECRET")
c = app.test_client()
r = c.post("/documents/", data={"file": (io.BytesIO(b"hi"), "../x.txt")})
assert r.status_code == 303 and c.get(r.location).data == b"hi"
assert c.post("/documents/", data={"file": (io.BytesIO(b"hi"), "x.html")}).status_code == 400
assert c.get("/documents/../secret.cfg").data == b"SECRET"
assert c.get("/documents/%2e%2e/secret.cfg").data == b"SECRET"
