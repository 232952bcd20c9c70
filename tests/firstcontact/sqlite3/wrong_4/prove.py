import os
import tempfile

import app as module

tmp = tempfile.mkdtemp()


def make(name="notes.db"):
    app = module.create_app({"DATABASE": os.path.join(tmp, name)})
    with app.app_context():
        module.init_db()
    return app


import sqlite3

app = make()
client = app.test_client()
client.post("/notes", data={"body": "one"})
assert "one" in client.get("/notes").text
opened = []
connect = sqlite3.connect
sqlite3.connect = lambda *a, **k: opened.append(connect(*a, **{**k})) or opened[-1]
try:
    client.get("/notes/find", query_string={"body": "one"})
except sqlite3.ProgrammingError as error:
    print("teardown could not close the connection of the async view:", error)
else:
    raise AssertionError("closed")
