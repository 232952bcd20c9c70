import csv
import io
import json
import sqlite3
import tempfile

import app as module

opened = []
connect = sqlite3.connect
sqlite3.connect = lambda *a, **k: opened.append(connect(*a, **k)) or opened[-1]
app = module.create_app({"DB": tempfile.mkdtemp() + "/s.db"})
client = app.test_client()
read = []


def rows():
    for n in range(450):
        read.append(n)
        yield [n, "=1", 'x\r"y"\n,']


module.sales = rows
half = client.post("/sales", buffered=False)
next(iter(half.response))
assert len(read) <= 200
half.close()
table = list(csv.reader(io.StringIO(client.post("/sales").text, newline="")))
assert len(table) == 450 and table[449] == ["449", "\t=1", 'x\r"y"\n,']
nasty = '"}\n<b>é'
assert client.get("/search", query_string={"q": nasty}).json == {"q": nasty, "shops": 2}
assert client.post("/search", data={"q": nasty}).json["q"] == nasty
assert "&lt;b&gt;é<li>2" in client.get("/card", query_string={"q": nasty}).text
assert "Cookie" in client.get("/basket").headers["Vary"]
assert client.get("/shops").text == "Wien\nGraz\n"
client.get("/shops", buffered=False).close()
client.head("/shops")
for c in opened:
    try:
        c.execute("select 1")
        raise SystemExit("open")
    except sqlite3.ProgrammingError:
        pass
print("ok")
