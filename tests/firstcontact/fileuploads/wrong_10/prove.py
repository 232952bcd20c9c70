import io, os, tempfile

from app import app

app.config["ATTACHMENTS"] = folder = tempfile.mkdtemp()
c = app.test_client()


def up(name, data=b"x"):
    return c.post("/api/attachments", data={"attachment": (io.BytesIO(data), name)})


assert up("a.png").status_code == 201
assert up("evil.html", b"<script>alert(1)</script>").status_code == 415   # says no ...
assert "evil.html" in os.listdir(folder)                                 # ... and has it
r = c.get("/attachments/evil.html")
assert r.status_code == 200 and r.mimetype == "text/html"
