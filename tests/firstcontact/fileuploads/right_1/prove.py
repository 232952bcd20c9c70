import io, os, tempfile
open("sample.png", "wb").write(b"\x89PNG\r\n\x1a\n")
from app import create_app
d = tempfile.mkdtemp()
c = create_app({"SAMPLE_FOLDER": d}).test_client()
post = lambda data, name: c.post("/api/samples", data={"sample": (io.BytesIO(data), name)})
r = post(b"%PDF-1.7 x", "../пробá.PDF")
assert r.status_code == 201 and c.get(r.location).data == b"%PDF-1.7 x"
assert len(os.listdir(d)) == 1 and post(b"<html>", "a.pdf").status_code == 415
assert post(b"x", "a.exe").status_code == 415 and post(b"x", "pdf").status_code == 415
assert post(b"%PDF-" + b"x" * 600_000, "a.pdf").status_code == 413
assert c.post("/api/samples").status_code == 422 and c.get("/api/samples/none.pdf").status_code == 404
print("ok")
