import io, tempfile
from app import create_app
c = create_app({"BOX": tempfile.mkdtemp()}).test_client()
r = c.get(c.post("/", data={"document": (io.BytesIO(b"<script>alert(document.cookie)</script>"), "a.html")}).location)
print(r.content_type, r.headers.get("Content-Disposition"), r.data)
assert r.mimetype == "text/html" and not r.headers.get("Content-Disposition", "").startswith("attachment")
