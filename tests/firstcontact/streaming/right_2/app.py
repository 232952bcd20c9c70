"""Views as classes; every answer is an iterator object with close()."""
import csv
import tempfile
from pathlib import Path

from flask import Flask, Response, current_app, request, session
from flask.views import View


class Echo:
    def write(self, text):
        return text


class Rows:
    """An answer in rows, encoded, that closes where its rows come from."""

    def __init__(self, rows, columns):
        self.rows = rows
        self.source = iter(rows)
        writer = csv.DictWriter(Echo(), columns, quoting=csv.QUOTE_ALL, extrasaction="ignore")
        self.writer = writer

    def __iter__(self):
        return self

    def __next__(self):
        return self.writer.writerow(next(self.source)).encode()

    def close(self):
        for closing in (self.source, self.rows):
            if hasattr(closing, "close"):
                closing.close()


def people():
    for n in range(20_000):
        yield {"id": n, "name": f"Person {n}", "town": "Łódź"}


class Table(View):
    def dispatch_request(self):
        return Response(Rows(people(), ["id", "name", "town"]), content_type="text/csv; charset=utf-8; header=absent")


class Greeting(View):
    """What the generator needs of the request is taken out before."""

    methods = ["POST"]

    def dispatch_request(self):
        name = request.form.get("name", "")
        return Response(self.words(name), content_type="text/plain; charset=utf-8")

    @staticmethod
    def words(name):
        yield "Dzień dobry, "
        yield name
        yield "!\n"


class Mine(View):
    def dispatch_request(self):
        seen = session["seen"] = session.get("seen", 0) + 1  # here, as a generator could not set a cookie any more
        response = Response((f"{word}\n" for word in ("visit", seen)), mimetype="text/plain")
        response.headers["Cache-Control"] = "no-store"
        return response


class Letter(View):
    def dispatch_request(self):
        file = Path(current_app.config["FOLDER"], "letter.txt").open("rb")
        response = Response(iter(lambda: file.read(1000), b""), mimetype="text/plain")
        response.call_on_close(file.close)  # also for HEAD, and when the client leaves
        return response


def create_app(config=None):
    app = Flask(__name__)
    app.config["SECRET_KEY"] = b"\x00" * 16
    app.config.update(config or {})
    app.config.setdefault("FOLDER", tempfile.gettempdir())
    Path(app.config["FOLDER"], "letter.txt").write_text("Szanowni Państwo,\n" * 1000, "utf-8")
    app.add_url_rule("/people.csv", view_func=Table.as_view("table"))
    app.add_url_rule("/greeting", view_func=Greeting.as_view("greeting"))
    app.add_url_rule("/mine", view_func=Mine.as_view("mine"))
    app.add_url_rule("/letter", view_func=Letter.as_view("letter"))
    return app
