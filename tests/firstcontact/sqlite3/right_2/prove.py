import sqlite3
import tempfile

import app as module

opened = []
connect = sqlite3.connect
sqlite3.connect = lambda *a, **k: opened.append(connect(*a, **k)) or opened[-1]
app = module.create_app({"DATABASE": tempfile.mkdtemp() + "/m.db"})
with app.app_context():
    module.init_db()
    assert module.query_db("select * from message", one=True) is None
client = app.test_client()
assert client.post("/messages", data={"text": "ключ"}).status_code == 201
assert client.post("/messages/lost", data={"text": "lost"}).status_code == 500
assert [m["text"] for m in client.get("/messages").json] == ["ключ"]
assert client.get("/messages/exactly", query_string={"text": "text"}).json == []
assert client.get("/messages.ndjson").text.count("\n") == 1
for c in opened:
    try:
        c.execute("select 1")
        raise SystemExit("open")
    except sqlite3.ProgrammingError:
        pass
print("async views, all closed:", len(opened))
