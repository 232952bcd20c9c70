"""sqlite-web's app as its command makes it, on a database of its own, behind a password."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from pathlib import Path

from sqlite_web import sqlite_web

FILE = str(Path(tempfile.mkdtemp(), "people.db"))

with contextlib.closing(sqlite3.connect(FILE)) as database:
    database.execute("CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT, born TEXT)")
    database.execute("INSERT INTO person (name, born) VALUES ('Ada', '1815')")
    database.commit()

sqlite_web.initialize_app([FILE], password="countess")
app = sqlite_web.app
