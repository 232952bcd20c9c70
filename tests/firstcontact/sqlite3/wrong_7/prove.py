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
opened = []
connect = sqlite3.connect
sqlite3.connect = lambda *a, **k: opened.append(connect(*a, **k)) or opened[-1]
try:
    app.test_client().post("/notes/broken", data={"body": "x"})
except AttributeError as error:
    print("audit raised:", error)
opened[0].execute("select 1")
print("and the connection of the failed request is still open")
