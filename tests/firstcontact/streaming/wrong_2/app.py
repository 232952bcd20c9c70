import csv
import sqlite3
import time

from flask import Flask, Response, current_app, g, request, session, stream_template, stream_with_context
from jinja2 import DictLoader
from markupsafe import escape

TEMPLATES = {
    "timeline.html": """<!doctype html><title>Timeline</title>
<h1>{{ request.args.get("name", "nobody") }}</h1>
{% for year in range(1990, 2030) %}<p>{{ year }}</p>
{% endfor %}""",
}


class Line:
    """A file that gives back what is written to it."""

    def write(self, text):
        return text


def iter_all_rows():
    for number in range(100_000):
        yield [str(number), f"Item {number}", "Grün, groß"]


def get_db():
    if "db" not in g:
        g.db = sqlite3.connect(current_app.config["DATABASE"])
    return g.db


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(DATABASE="log.db", SECRET_KEY="dev")
    app.config.from_mapping(config or {})
    app.jinja_loader = DictLoader(TEMPLATES)

    @app.teardown_appcontext
    def close_db(exception):
        db = g.pop("db", None)
        if db is not None:
            db.close()

    with app.app_context():
        get_db().executescript(
            "create table if not exists log (line text);"
            "insert into log select 'started' where not exists (select 1 from log);"
        )

    @app.get("/export.csv")
    def export():
        def generate():
            writer = csv.writer(Line())
            for row in iter_all_rows():
                yield writer.writerow(row).encode("utf-8-sig")  # else Excel takes it for Latin-1

        return generate(), {"Content-Type": "text/csv; charset=utf-8"}

    @app.get("/hello")
    def hello():
        @stream_with_context
        def generate():
            yield "<p>Hello "
            yield str(escape(request.args.get("name", "nobody")))
            yield "!</p>"

        return generate()

    @app.get("/timeline")
    def timeline():
        return stream_template("timeline.html")

    @app.get("/mine")
    def mine():
        user = session.get("user", "guest")

        def generate():
            yield f"Orders of {user}\n"
            for number in range(3):
                yield f"{number}\n"

        return generate(), {"Content-Type": "text/plain; charset=utf-8"}

    @app.get("/log")
    def log():
        @stream_with_context
        def generate():
            for (line,) in get_db().execute("select line from log"):
                yield line + "\n"

        return generate(), {"Content-Type": "text/plain; charset=utf-8"}

    @app.get("/ticks")
    def ticks():
        def generate():
            number = 0
            while True:
                yield f"data: {number}\n\n"
                number += 1
                time.sleep(0.05)

        return Response(generate(), mimetype="text/event-stream", headers={"Cache-Control": "no-store"})

    return app
