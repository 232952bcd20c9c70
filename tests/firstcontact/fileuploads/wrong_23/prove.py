import io, tempfile
from app import create_app
c = create_app({"UPLOADS": tempfile.mkdtemp()}).test_client()
r = c.post("/share", data={"file": (io.BytesIO(b"<script>alert(1)</script>"), "a.txt")})
d = c.get(r.location)
assert d.mimetype == "text/html" and d.data == b"<script>alert(1)</script>"
assert "nosniff" not in str(d.headers) and "Content-Disposition" not in d.headers
assert c.post("/share", data={"file": (io.BytesIO(b"x"), "a.html")}).location == "/share"
