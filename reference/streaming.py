"""Streaming contents.

A view returns a generator, and each piece goes to the client when it is made.
Status and headers are on their way by then, so the view decides everything that
they say: it reads what the request must hold, and touches the session, before it returns.
"""

from __future__ import annotations

import csv
import io
import itertools
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    request,
    session,
    stream_template,
    stream_with_context,
)
from markupsafe import escape

bp = Blueprint("streaming", __name__, url_prefix="/streaming")


def iter_all_rows() -> Iterator[Sequence[Any]]:
    """Yield the rows of a large table, one at a time.

    The connection belongs to the generator: it is open as long as the rows are
    read, and closed when the stream has ended or the client has gone.
    """
    # A server may close a stream that nobody reads any more from another thread.
    with closing(sqlite3.connect(":memory:", check_same_thread=False)) as db:
        yield from db.execute(
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT 500)"
            " SELECT n, n * n, 'number ' || n FROM numbers"
        )


def defang(cell: Any) -> Any:
    """Keep a spreadsheet from taking text for a formula."""
    if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{cell}"
    return cell


@bp.get("/large.csv")
def large_csv() -> tuple[Iterator[str], dict[str, str]]:
    def generate() -> Iterator[str]:
        line = io.StringIO()
        writer = csv.writer(line)
        for row in iter_all_rows():
            writer.writerow(map(defang, row))
            yield line.getvalue()
            line.seek(0)
            line.truncate()

    return generate(), {"Content-Type": "text/csv; charset=utf-8"}


@bp.get("/hello")
def hello() -> Iterator[str]:
    # Found here, a missing name is an error page; in the generator it would break the stream.
    if "name" not in request.args:
        abort(400)

    def generate() -> Iterator[str]:
        yield "<p>Hello "
        yield escape(request.args["name"])
        yield "!</p>"

    return stream_with_context(generate())


@bp.get("/timeline")
def timeline() -> Iterator[str]:
    entries = (f"entry {number}" for number in range(1, 21))
    return stream_template("streaming/timeline.html", name=request.args["name"], entries=entries)


@bp.get("/visits")
def visits() -> Iterator[str]:
    # Written and read before the headers go: they carry the cookie, and `Vary: Cookie`.
    session["visits"] = session.get("visits", 0) + 1

    def generate() -> Iterator[str]:
        for number in range(1, session["visits"] + 1):
            yield f"<p>Visit {number}</p>"

    return stream_with_context(generate())


@bp.get("/greeting")
def greeting() -> Response:
    """Send events that greet; each line of the data has its own field."""
    lines = [f"data: {line}\n" for line in ["Hello", *request.args["name"].splitlines()]]
    return Response(iter(["".join(lines), "\n"]), mimetype="text/event-stream")


@bp.get("/squares")
def squares() -> Response:
    """Go on until the client has gone; events that nobody may keep, nor hold back."""
    events = (f"data: {number * number}\n\n" for number in itertools.count())
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Response(events, mimetype="text/event-stream", headers=headers)


def init_app(app: Flask) -> None:
    """Register the routes below /streaming."""
    app.register_blueprint(bp)
