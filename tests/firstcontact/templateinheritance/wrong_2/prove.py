import os, tempfile
from app import app
app.config["DATABASE"] = os.path.join(tempfile.mkdtemp(), "x.db")
t = app.test_client().post("/books", data={"title": "<script>alert(1)</script>", "said": "x"}, follow_redirects=True).text
assert "<h1><script>alert(1)</script></h1>" in t
print("the title of a book runs as a script")
