import csv
import io
import tempfile

import app as module

app = module.create_app({"DATABASE": tempfile.mkdtemp() + "/log.db"})
client = app.test_client()


import sqlite3

opened = []
connect = sqlite3.connect
sqlite3.connect = lambda *a, **k: opened.append(connect(*a, **k)) or opened[-1]


def closed():
    try:
        opened[-1].execute("select 1")
    except sqlite3.ProgrammingError:
        return True
    return False


with client.get("/log") as response:
    assert response.text == "started\n"
assert closed()
client.head("/log").close()
assert not closed()
print("after HEAD the connection is still open")
