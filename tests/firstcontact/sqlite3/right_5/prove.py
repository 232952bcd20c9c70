import sqlite3
import tempfile

import app as module

opened = []
connect = sqlite3.connect
sqlite3.connect = lambda *a, **k: opened.append(connect(*a, **k)) or opened[-1]
path = tempfile.mkdtemp() + "/b.db"
app = module.create_app({"DATABASE": path})
for _ in range(2):
    with app.app_context():
        module.init_db()
client = app.test_client()
assert "Kohlmeise ♂" in client.post("/birds", data={"name": "Kohlmeise ♂"}).text
assert client.post("/birds/import", data={"name": "half"}).status_code == 500
assert client.get("/birds").text == client.get("/birds/export").text == "Kohlmeise ♂\n"
assert client.get("/birds/named?name=kohlmeise ♂").text == ""
response = client.get("/birds/export", buffered=False)
next(iter(response.response))
response.close()
with app.app_context():
    assert module.query_db("select count(*) from bird", one=True)[0] == 1
for c in opened:
    try:
        c.execute("select 1")
        raise SystemExit("open")
    except sqlite3.ProgrammingError:
        pass
n = len(opened)
client.get("/robots.txt")
assert len(opened) == n
print("ok", n)
