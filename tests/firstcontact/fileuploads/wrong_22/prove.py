import io, os, tempfile
from app import create_app
app = create_app(); app.config["EPISODES"] = d = tempfile.mkdtemp()
c = app.test_client()
big = b"x" * 3_000_000
r = c.post("/episodes/upload", data={"audio": (io.BytesIO(big), "big.mp3")})
assert r.status_code == 302 and os.path.getsize(os.path.join(d, "big.mp3")) == len(big)
assert app.config["MAX_CONTENT_LENGTH"] is None
assert c.post("/episodes/upload", data={"title": "y" * 2_000_000, "audio": (io.BytesIO(b""), "a.mp3")}).status_code == 413
