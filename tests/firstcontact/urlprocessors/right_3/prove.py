import os, tempfile
from app import create_app
c = create_app({"DATABASE": os.path.join(tempfile.mkdtemp(), "x.db")}).test_client()
assert c.post("/p/roof/issues/", data={"title": "<b>leak"}).location == "/p/roof/issues/"
t = c.get("/p/roof/issues/").text
assert "&lt;b&gt;leak" in t and 'href="/p/roof/issues/1"' in t
assert c.get("/p/sauna/issues/1").status_code == 404 and c.get("/p/none/").status_code == 404
assert "/p/k%C3%BCche/issues/" in c.get("/").text and c.get("/p/küche/").status_code == 200
print("ok")
