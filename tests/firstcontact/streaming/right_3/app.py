"""Batches of 200 rows; a database per request; formulas are defanged with a tab."""
import csv
import io
import sqlite3
from itertools import islice

from flask import Flask, current_app, g, make_response, request, session, stream_template_string, stream_with_context

BATCH = 200
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def sales():
    for number in range(30_000):
        yield f"2024-{number % 12 + 1:02}", "Ärmelhalter", f"{number / 100:.2f}"


def harmless(cell):
    cell = "" if cell is None else str(cell)
    return "\t" + cell if cell.startswith(FORMULA) else cell


def batches(rows):
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerows(map(harmless, row) for row in batch)
        yield text.getvalue()


def connection():
    if not hasattr(g, "connection"):
        g.connection = sqlite3.connect(current_app.config["DB"])
    return g.connection


def close(exception=None):
    if hasattr(g, "connection"):
        g.connection.close()
        del g.connection  # the generator's turn comes after the view's: it opens a new one


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping({"SECRET_KEY": "x", "DB": "sales.db"} | dict(config or {}))
    app.teardown_appcontext(close)
    with app.app_context():
        connection().execute("create table if not exists shop (name)")
        if connection().execute("select count(*) from shop").fetchone() == (0,):
            connection().executemany("insert into shop values (?)", [("Wien",), ("Graz",)])
        connection().commit()

    @app.before_request
    def known_shop():
        g.shops = connection().execute("select count(*) from shop").fetchone()[0]

    @app.post("/sales")
    def table():
        response = make_response(batches(sales()))
        response.content_type = "text/csv; charset=utf-8"
        return response

    @app.route("/search", methods=["GET", "POST"])
    def search():
        @stream_with_context
        def generate():
            yield '{"q":'
            yield app.json.dumps(request.values.get("q"))
            yield ',"shops":%d}\n' % g.shops

        return app.response_class(generate(), mimetype="application/json")

    @app.get("/card")
    def card():
        return stream_template_string(
            "<ul>{% for letter in request.args.q or '' %}{% endfor %}<li>{{ request.args.q }}<li>{{ g.shops }}</ul>"
        )

    @app.get("/basket")
    def basket():
        goods = list(session.get("goods", []))
        return (f"{good}\n" for good in ["basket", *goods]), {"Content-Type": "text/plain; charset=utf-8"}

    @app.get("/shops")
    def shops():
        @stream_with_context
        def generate():
            cursor = connection().execute("select name from shop")
            while some := cursor.fetchmany(1):
                yield from (name + "\n" for (name,) in some)

        return generate(), 200, [("Content-Type", "text/plain; charset=utf-8")]

    return app
