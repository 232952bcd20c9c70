"""Streamed answers, done right in other ways than the reference's."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import json
import queue
import sqlite3
import threading
from collections.abc import Iterator
from typing import Any

import flask
from flask.views import MethodView
from markupsafe import Markup, escape
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from conformance import Subject
from tests.proof import variant


def iter_orders(since: str | None = None) -> Iterator[Any]:
    """The rows that the variants' tables write, each of three cells with names."""
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        db.row_factory = sqlite3.Row
        yield from db.execute("SELECT 1 AS id, 'Ada' AS customer, 'tea' AS item")


COLUMNS = ["id", "customer", "item"]


def iter_dicts() -> Iterator[dict[str, Any]]:
    """The same rows as dicts."""
    for row in iter_orders():
        yield dict(row)


@variant
def rows_as_dicts() -> Subject:
    """Rows are dicts, which the standard library writes; the type says that no header comes."""

    def create_app() -> flask.Flask:
        app = flask.Flask("shop")

        @app.get("/orders.csv")
        def orders() -> flask.Response:
            def generate() -> Iterator[str]:
                line = io.StringIO()
                writer = csv.DictWriter(line, COLUMNS)
                for row in iter_dicts():
                    writer.writerow({name: safe(row.get(name, "")) for name in row.keys()})  # noqa: SIM118
                    yield line.getvalue()
                    line.seek(0)
                    line.truncate()

            return flask.Response(generate(), content_type="text/csv; charset=utf-8; header=absent")

        return app

    binding = {
        "table": "/orders.csv",
        "rows": "tests.variants.streaming:iter_dicts",
        "columns": COLUMNS,
    }
    return Subject(app=create_app, patterns={"streaming": binding})


def safe(cell: object) -> str:
    """Return a cell with the mark that keeps a spreadsheet from running it."""
    text = str(cell)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


class JSONLines(flask.Response):
    """A response that writes each of its documents as a line."""

    default_mimetype = "application/x-ndjson"

    def __init__(self, documents: Iterator[Any], **kwargs: Any) -> None:
        lines = (json.dumps(document) + "\n" for document in documents)
        super().__init__(lines, **kwargs)


@variant
def class_based() -> Subject:
    """Class-based views, a response class for JSON lines, and Jinja's own stream with a buffer."""

    class Orders(MethodView):
        def get(self) -> flask.Response:
            def documents() -> Iterator[Any]:
                try:
                    for row in iter_orders(since=flask.request.args.get("since")):
                        yield {name: row[name] for name in row.keys()}  # noqa: SIM118
                except Exception:
                    # A client that reads lines of JSON reads this one, too.
                    yield {"error": "the rows went away"}

            return JSONLines(flask.stream_with_context(documents()))

    class Greeting(MethodView):
        def get(self) -> flask.Response:
            app = flask.current_app
            template = app.jinja_env.from_string(
                "<p>Hello {{ name }}!</p>{% for n in r %}{{ n }}{% endfor %}"
            )
            context = {"name": flask.request.args.get("name", "you"), "r": range(50)}
            app.update_template_context(context)
            stream = template.stream(context)
            stream.enable_buffering(5)
            return flask.Response(stream)

    def create_app() -> flask.Flask:
        app = flask.Flask("shop")
        app.add_url_rule("/orders", view_func=Orders.as_view("orders"))
        app.add_url_rule("/greeting", view_func=Greeting.as_view("greeting"))
        return app

    binding = {
        "table": "/orders?since=2024",
        "rows": "tests.variants.streaming:iter_orders",
        "format": "ndjson",
        "columns": COLUMNS,
        "template": "/greeting",
        "resource": "/orders",
    }
    return Subject(app=create_app, patterns={"streaming": binding})


def fed(rows: Iterator[Any], size: int = 10) -> Iterator[Any]:
    """Yield what another thread reads ahead; it stops when nobody takes any more."""
    waiting: queue.Queue[Any] = queue.Queue(size)
    gone = threading.Event()
    end = object()

    def put(value: Any) -> None:
        while not gone.is_set():
            with contextlib.suppress(queue.Full):
                waiting.put(value, timeout=0.05)
                return

    def feed() -> None:
        try:
            for row in rows:
                put(row)
                if gone.is_set():
                    break
            put(end)
        except Exception as error:
            put(error)
        finally:
            rows.close()  # type: ignore[attr-defined]

    thread = threading.Thread(target=feed, daemon=True)
    thread.start()
    try:
        while (row := waiting.get()) is not end:
            if isinstance(row, Exception):
                raise row
            yield row
    finally:
        gone.set()
        thread.join()


@variant
def fed_by_a_thread() -> Subject:
    """Events that a thread feeds through a queue, and a greeting whose values are copied first."""

    def create_app() -> flask.Flask:
        app = flask.Flask("shop")
        app.secret_key = "variant"

        @app.get("/orders/events")
        def events() -> flask.Response:
            def generate() -> Iterator[str]:
                for row in fed(iter_orders()):
                    yield f"id: {row[0]!r}\ndata: {json.dumps(list(row))}\n\n"

            headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
            return flask.Response(generate(), mimetype="text/event-stream", headers=headers)

        @app.post("/greeting")
        def greeting() -> Any:
            name = flask.request.form["name"]
            user = flask.session.get("user", "stranger")
            return (part for part in (Markup("<b>{}</b>").format(name), f", dear {user}"))

        @app.get("/ticks")
        def ticks() -> flask.Response:
            def generate() -> Iterator[bytes]:
                yield b": hello\n\n"
                for number in fed(number for number in itertools.count()):
                    yield b"data: %d\n\n" % number

            return flask.Response(generate(), content_type="text/event-stream")

        return app

    binding = {
        "table": "/orders/events",
        "rows": "tests.variants.streaming:iter_orders",
        "format": "events",
        "columns": COLUMNS,
        "context": {"path": "/greeting", "method": "POST", "form": {"name": "Ada", "salute": "1"}},
        "personal": {"path": "/greeting", "method": "POST", "form": {"name": "Ada"}},
        "endless": "/ticks",
    }
    return Subject(app=create_app, patterns={"streaming": binding})


@variant
def in_batches() -> Subject:
    """A CSV with a heading and a byte order mark, in batches; its first row is looked for early.

    A long download says its length, and is streamed all the same.
    """

    def create_app() -> flask.Flask:
        app = flask.Flask("shop")
        app.secret_key = "variant"
        exports = threading.BoundedSemaphore(2)

        def text(cell: Any) -> str:
            cell = str(cell)
            return f"\t{cell}" if cell[:1] in "=+-@\t\r" and cell else cell

        @app.get("/orders.csv")
        def orders() -> flask.Response:
            if not exports.acquire(blocking=False):
                flask.abort(503)
            try:
                rows = iter_orders()
                first = list(itertools.islice(rows, 1))
            except BaseException:
                exports.release()
                raise
            rows = itertools.chain(first, rows)

            def generate() -> Iterator[bytes]:
                out = io.StringIO()
                writer = csv.writer(out, quoting=csv.QUOTE_ALL)
                out.write("\ufeff")
                writer.writerow(["number", "name", "article"])
                while batch := list(itertools.islice(rows, 250)):
                    writer.writerows([text(cell) for cell in row] for row in batch)
                    yield out.getvalue().encode()
                    out.seek(0)
                    out.truncate()
                yield out.getvalue().encode()

            response = flask.Response(generate(), mimetype="text/csv")
            response.headers["Content-Disposition"] = "attachment; filename=orders.csv"
            # Runs also where the generator has never begun, when its `finally` does not.
            response.call_on_close(exports.release)
            return response

        @app.get("/backup")
        def backup() -> flask.Response:
            response = flask.Response(itertools.repeat(b"\0" * 1000, 5000))
            response.content_length = 5_000_000
            return response

        @app.get("/account")
        def account() -> Any:
            name = flask.request.args.get("user") or "nobody"
            template = "<h1>{{ name }}</h1>{% for n in 'abc' %}<i>{{ n }}</i>{% endfor %}{{ session.user }}"
            response = flask.make_response(flask.stream_template_string(template, name=name))
            response.headers["Cache-Control"] = "private, no-cache"
            return response

        return app

    binding = {
        "table": "/orders.csv",
        "rows": "tests.variants.streaming:iter_orders",
        "defang": "\t",
        "context": "/account",
        "template": "/account",
        "personal": "/account",
        "field": "user",
        "endless": "/backup",
    }
    return Subject(app=create_app, patterns={"streaming": binding})


class Lines:
    """An iterator with a `close` of its own, as database cursors are."""

    def __init__(self, rows: Iterator[Any]) -> None:
        self.rows = rows

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        cells = ('"' + str(cell).replace('"', '""') + '"' for cell in map(marked, next(self.rows)))
        return ",".join(cells) + "\n"

    def close(self) -> None:
        self.rows.close()  # type: ignore[attr-defined]


def marked(cell: Any) -> str:
    return f"'{cell}" if str(cell).startswith(("=", "+", "-", "@", "\t", "\r")) else str(cell)


@variant
def without_flask() -> Subject:
    """A plain WSGI callable made with Werkzeug, whose stream is an iterator with a `close`."""
    urls = Map([Rule("/orders.csv", endpoint="orders"), Rule("/hello", endpoint="hello")])

    def application(environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        try:
            endpoint, _ = urls.bind_to_environ(environ).match()
            if endpoint == "orders":
                response = Response(Lines(iter_orders()), mimetype="text/csv")
            elif (name := request.args.get("name")) is None:
                raise BadRequest
            else:
                parts = iter(["<p>", escape(name), "</p>"])
                response = Response(parts, mimetype="text/html")
        except HTTPException as error:
            return error(environ, start_response)
        return response(environ, start_response)

    binding = {
        "table": "/orders.csv",
        "rows": "tests.variants.streaming:iter_orders",
        "context": "/hello",
        "resource": "/orders.csv",
    }
    return Subject(app=application, patterns={"streaming": binding})
