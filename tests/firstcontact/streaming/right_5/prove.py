import builtins
import csv
import io
import tempfile

import app as module

app = module.create_app({"FOLDER": tempfile.mkdtemp()})
client = app.test_client()
files = []
original = builtins.open
module.open = lambda *a, **k: files.append(original(*a, **k)) or files[-1]
client.head("/parts").close()
half = client.get("/parts", buffered=False)
next(iter(half.response))
half.close()
with client.get("/parts") as response:
    assert response.text.splitlines()[299] == "część 299"
assert len(files) == 3 and all(f.closed for f in files), files
module.inventory = lambda: iter([["a\rb", 1, "ü,"], []])
assert list(csv.reader(io.StringIO(client.get("/inventory").text, newline=""))) == [["a\rb", "1", "ü,"], []]
assert client.options("/inventory").headers["Allow"] == "GET, HEAD, OPTIONS"
assert client.get("/asked", query_string={"for": "<ß>"}).text == "asked: <ß>\n"
assert client.get("/asked").mimetype == "text/plain"
first = client.get("/own")
assert "Cookie" in first.headers["Vary"] and client.get("/own").text == first.text
assert app.test_client().get("/own").text != first.text
assert client.get("/nowhere").status_code == 404 and client.put("/own").status_code == 405
print("ok")
