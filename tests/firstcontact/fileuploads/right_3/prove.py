import io, os, re, tempfile
from app import app
d = app.config["PASTES"] = tempfile.mkdtemp()
c = app.test_client()
post = lambda data, name: c.post("/", data={"paste": (io.BytesIO(data), name)})
r = post(b"eins", "../<b>ü.txt")
assert r.status_code == 201 and "&lt;b&gt;" in r.text and "<b>" not in r.text
url = re.search(r'href="(/p/[^"]+)"', r.text)[1]
s = post(b"zwei", "../<b>ü.txt")
assert c.get(url).data == b"eins" and len(os.listdir(d)) == 2
assert c.get(url).mimetype == "text/plain"
for n in ("x.html", "txt", "x.txt.exe", "x"):
    assert post(b"x", n).status_code == 400
assert post(b"x" * (1 << 20), "a.txt").status_code == 413
print("ok")
