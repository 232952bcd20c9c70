import os, tempfile
from app import create_app
c = create_app({"DATABASE": os.path.join(tempfile.mkdtemp(), "x.db")}).test_client()
r = c.post("/new", data={"title": "A <b> title", "body": "*hi* <script>\n\nzwei ü"})
assert r.status_code == 303
t = c.get(r.location).text
assert "<title>A &lt;b&gt; title</title>" in t and "<em>hi</em> &lt;script&gt;" in t and "kb.css" in t
assert c.post("/new", data={"title": "A <b> title", "body": ""}).status_code == 409
assert c.get("/articles/none").status_code == 404 and c.get("/x").status_code == 404
print("ok")
