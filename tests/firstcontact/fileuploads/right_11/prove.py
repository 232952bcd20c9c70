import io, os, tempfile
from app import create_app
c = create_app({"OBJECTS": tempfile.mkdtemp()}).test_client()
def up(name, data=b"a;b"): return c.post("/api/v2/objects", data={"object": (io.BytesIO(data), name)})
r = up("../../../größe.CSV")
assert r.status_code == 201
d = c.get(r.json["links"]["content"]); assert d.data == b"a;b" and "attachment" in d.headers["Content-Disposition"]
assert up("x.html").status_code == 415 and up("csv").status_code == 415 and up("x.csv.exe").status_code == 415
assert c.post("/api/v2/objects").status_code == 422
assert c.post("/api/v2/objects", data={"object": ""}).status_code == 422
assert up("a.csv", b"x" * 3_100_000).status_code == 413
assert c.get("/api/v2/objects/../app.py").status_code == 404
