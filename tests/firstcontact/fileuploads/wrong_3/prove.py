import io, os, tempfile
from app import create_app
d = tempfile.mkdtemp()
c = create_app({"HOMEWORK": d}).test_client()
for name in ("cmd", "virus.xtxt", "txt"):
    c.post("/", data={"work": (io.BytesIO(b"x"), name)})
print(sorted(os.listdir(d)))
assert any(n.endswith(".xtxt") for n in os.listdir(d))
