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

one, two = make("one.db"), make("two.db")
with one.app_context():
    outer = module.get_db()
    with two.app_context():
        assert module.get_db() is outer
        print("the context of the second app got the first one's connection")
    try:
        outer.execute("select 1")
    except sqlite3.ProgrammingError as error:
        print("and closed it:", error)
    else:
        raise AssertionError
