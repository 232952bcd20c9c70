import sqlite3
from contextlib import ExitStack, closing, contextmanager

from flask import Flask, current_app, g, redirect, request, stream_with_context
from markupsafe import Markup


class Ledger(sqlite3.Connection):
    """A connection with the few statements that the app needs."""

    def add(self, entry):
        return self.execute("INSERT INTO ledger (entry) VALUES (?)", (entry,)).lastrowid

    def entries(self, batch=100):
        last = 0
        while rows := self.execute(
            "SELECT id, entry FROM ledger WHERE id > ? ORDER BY id LIMIT ?", (last, batch)
        ).fetchall():
            yield from (row["entry"] for row in rows)
            last = rows[-1]["id"]


def stack():
    if "stack" not in g:
        g.stack = ExitStack()
    return g.stack


def get_db() -> Ledger:
    if "ledger" not in g:
        db = sqlite3.connect(current_app.config["DATABASE"], factory=Ledger, isolation_level="IMMEDIATE")
        g.ledger = stack().enter_context(closing(db))
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA journal_mode = WAL").close()
        db.execute("PRAGMA busy_timeout = 10000").close()
    return g.ledger


@contextmanager
def writing():
    db = get_db()
    try:
        yield db
    except BaseException:
        db.rollback()
        raise
    else:
        db.commit()


def query_db(query, args=(), one=False):
    with closing(get_db().cursor()) as cursor:
        cursor.execute(query, args)
        return cursor.fetchone() if one else cursor.fetchall()


def items(texts):
    return Markup("<table>{}</table>").format(Markup("").join(Markup("<tr><td>{}</td></tr>").format(t) for t in texts))


def create_app(config=None):
    app = Flask(__name__)
    app.config.update({"DATABASE": "ledger.db"} | dict(config or {}))

    @app.teardown_appcontext
    def unwind(exc):
        if (opened := g.pop("stack", None)) is not None:
            g.pop("ledger", None)
            opened.close()

    with app.app_context(), writing() as db:
        db.execute("CREATE TABLE IF NOT EXISTS ledger (id INTEGER PRIMARY KEY AUTOINCREMENT, entry TEXT NOT NULL)")

    @app.get("/")
    def home():
        return "<a href=/ledger>ledger</a>"

    @app.get("/ledger")
    def show():
        return items(get_db().entries())

    @app.put("/ledger/new")
    def new():
        with writing() as db:
            db.add(request.form["entry"])
        return redirect("/ledger", 303)

    @app.get("/ledger/only")
    def only():
        return items(row["entry"] for row in query_db("SELECT entry FROM ledger WHERE entry IS ?", (request.args["entry"],)))

    @app.put("/ledger/void")
    def void():
        with writing() as db:
            db.add(request.form["entry"])
            db.execute("INSERT INTO ledger (entry) VALUES (NULL)")  # IntegrityError
        return "", 204

    @app.get("/ledger/all")
    def everything():
        def tables():  # get_db() in here: the view's own connection is closed when the view is over
            for text in get_db().entries(batch=3):
                yield str(items([text])) + "\n"

        return stream_with_context(tables())

    return app
