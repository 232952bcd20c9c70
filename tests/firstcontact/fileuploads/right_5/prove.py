import io, os, tempfile
from app import create_app
c = create_app({"DATABASE": os.path.join(tempfile.mkdtemp(), "x.db")}).test_client()
post = lambda data, name: c.post("/documents", data={"document": (io.BytesIO(data), name)})
r = post(b"eins", "../../Кл&ge.txt"); s = post(b"zwei", "../../Кл&ge.txt")
g = c.get(r.location)
assert r.status_code == 201 and g.data == b"eins" and c.get(s.location).data == b"zwei"
assert "attachment" in g.headers["Content-Disposition"] and "..%2F" not in g.headers["Content-Disposition"]
assert post(b"x", "a.html").status_code == 415 and post(b"", "").status_code == 400
assert post(b"x" * 1_500_001, "a.txt").status_code == 413 and c.get("/documents/no").status_code == 404
print("ok")
