import json
import sqlite3
import tempfile

import app as module

opened = []
connect = sqlite3.connect
sqlite3.connect = lambda *a, **k: opened.append(connect(*a, **k)) or opened[-1]
app = module.create_app({"DATABASE": tempfile.mkdtemp() + "/t.db"})
with app.app_context():
    module.init_db()
client = app.test_client()
assert client.post("/api/v1/items", data={"task": 'écrire "tout"'}).status_code == 204
assert client.post("/api/v1/items/sync", data={"task": "half"}).status_code == 502
assert [i["task"] for i in client.get("/api/v1/items").json["items"]] == ['écrire "tout"']
assert json.loads(client.get("/api/v1/items/stream").text) == ['écrire "tout"']
assert client.get("/api/v1/items/search?task=task").json == {"items": []}
with app.app_context():
    assert module.query_db("select task from todo where id = 99", one=True) is None
client.get("/api/v1/items/stream", buffered=False).close()
for c in opened:
    try:
        c.execute("select 1")
        raise SystemExit("open")
    except sqlite3.ProgrammingError:
        pass
print("ok", len(opened))
