import io, tempfile
from app import app
app.config["SOUNDS"] = tempfile.mkdtemp()
assert app.config["MAX_CONTENT_LENGTH"] is None
r = app.test_client().post("/sounds", data={"sound": (io.BytesIO(b"x" * 20_000_000), "a.wav")})
print("20 MB:", r.status_code, "(from the view, after all of it was parsed)")
assert r.json == {"error": "at most 1 MB"}
r = app.test_client().post("/sounds", data={"padding": (io.BytesIO(b"x" * 3_000_000), "p.bin"), "sound": (io.BytesIO(b"x"), "a.wav")})
print("3 MB of padding and a small sound:", r.status_code)
assert r.status_code == 201
