"""The app object; its answers are made of bytes; the exception breaks the stream off, loudly."""
import csv
import os
import tempfile
from contextlib import ExitStack
from http import HTTPStatus

from flask import Flask, Response, request, session, stream_with_context
from werkzeug.wsgi import ClosingIterator


class Stream(Response):
    """A response that is never turned into a list, by nobody's mistake."""

    implicit_sequence_conversion = False
    default_mimetype = "text/plain"


class Lines(list):
    write = list.append


def inventory():
    yield "no", "thing", "note"
    for n in range(40_000):
        yield n, "thing", 'in "quotes"'


def create_app(config=None):
    app = Flask(__name__)
    app.secret_key = os.urandom(16)
    app.config.from_mapping(config or {})
    folder = app.config.get("FOLDER") or tempfile.mkdtemp()
    path = os.path.join(folder, "parts")
    with open(path, "w", encoding="utf-16") as file:
        file.writelines(f"część {n}\n" for n in range(300))

    @app.route("/inventory", methods=["GET", "HEAD", "OPTIONS"], provide_automatic_options=False)
    def table():
        if request.method == "OPTIONS":
            return Stream([], HTTPStatus.NO_CONTENT, {"Allow": "GET, HEAD, OPTIONS"})

        def lines():
            line = Lines()
            writer = csv.writer(line, quoting=csv.QUOTE_NONNUMERIC)
            for row in inventory():
                writer.writerow(row)
                yield "".join(line).encode("utf-8")
                line.clear()

        return Stream(lines(), mimetype="text/csv")

    @app.get("/asked")
    def asked():
        def words():
            yield b"asked: "
            yield request.args.get("for", "").encode()
            yield b"\n"

        return Stream(stream_with_context(words()))

    @app.get("/parts")
    def parts():
        with ExitStack() as stack:
            file = stack.enter_context(open(path, encoding="utf-16"))
            lines = (line.encode("utf-8") for line in file)
            opened = stack.pop_all()
        return Stream(ClosingIterator(lines, opened.close))

    @app.get("/own")
    def own():
        mine = session.setdefault("number", os.urandom(4).hex())
        return Stream((c.encode() for c in mine), headers={"Cache-Control": "private"})

    return app
