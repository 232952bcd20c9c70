import io, tempfile
from app import create_app
app = create_app(); app.config["ATTACHMENTS"] = tempfile.mkdtemp()
c = app.test_client()
def up(name, type): return c.post("/attachments", data={"attachment": (io.BytesIO(b"<script>alert(1)</script>"), name, type)})
assert up("evil.html", "text/html").status_code == 415
r = up("evil.html", "image/png")
assert r.status_code == 201
d = c.get(r.json["url"])
assert d.mimetype == "text/html" and d.data.startswith(b"<script>")
assert up("a.txt", "text/plain").status_code == 201
