import io, os, tempfile
from app import app
app.config["CV_FOLDER"] = d = tempfile.mkdtemp()
c = app.test_client()
r = c.post("/jobs/apply", data={"cv": (io.BytesIO(b"<script>"), "evil.html")})
assert r.status_code == 422 and "Please send" in r.text
assert os.listdir(d) == ["evil.html"]
assert c.get("/jobs/cv/evil.html").mimetype == "text/html"
r = c.post("/jobs/apply", data={"cv": (io.BytesIO(b"me"), "cv.txt")})
assert r.status_code == 201 and '/jobs/cv/cv.txt' in r.text
