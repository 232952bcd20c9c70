"""Streamed answers, each with one believable mistake."""

from __future__ import annotations

import csv
import io
import itertools
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import flask
from markupsafe import escape

import reference.streaming as right
from conformance import Subject
from tests.proof import mutant

BINDING = {
    "table": "/streaming/large.csv",
    "rows": "reference.streaming:iter_all_rows",
    "context": "/streaming/hello",
    "template": "/streaming/timeline",
    "personal": "/streaming/visits",
    "resource": "/streaming/large.csv",
    "events": "/streaming/greeting",
    "endless": "/streaming/squares",
}

CSV = {"Content-Type": "text/csv; charset=utf-8"}


def view(name: str, function: Callable[[], Any]) -> Subject:
    """The reference, with another function for one of its views."""

    def create_app() -> flask.Flask:
        app = flask.Flask("reference")
        app.secret_key = "mutant"
        right.init_app(app)
        app.view_functions[f"streaming.{name}"] = function
        return app

    return Subject(app=create_app, patterns={"streaming": BINDING})


def table(function: Callable[[], Any]) -> Subject:
    return view("large_csv", function)


def written(row: Any, change: Callable[[Any], Any] = right.defang) -> str:
    """A row as the reference writes it."""
    line = io.StringIO()
    csv.writer(line).writerow(map(change, row))
    return line.getvalue()


@mutant("incremental", says="row 1001 was read when 0 had arrived", also=["constant-memory"])
def fetches_all() -> Subject:
    """The generator fetches all rows before it yields the first."""

    def large_csv() -> Any:
        def generate() -> Iterator[str]:
            for row in list(right.iter_all_rows()):
                yield written(row)

        return generate(), CSV

    return table(large_csv)


@mutant("incremental", says="when 0 had arrived", also=["constant-memory"])
def heading_first() -> Subject:
    """A heading goes out at once, and all the rows in one piece after it."""

    def large_csv() -> Any:
        def generate() -> Iterator[str]:
            yield "number,padding\r\n"
            yield "".join(map(written, right.iter_all_rows()))

        return generate(), CSV

    return table(large_csv)


@mutant("incremental", says="rows to arrive before 1000 more", also=["constant-memory", "head"])
def answer_read_by_a_hook() -> Subject:
    """A hook that makes entity tags reads every answer as a whole."""

    def create_app() -> flask.Flask:
        app = flask.Flask("reference")
        app.secret_key = "mutant"
        right.init_app(app)

        @app.after_request
        def tag(response: flask.Response) -> flask.Response:
            if flask.request.endpoint == "streaming.large_csv":
                response.add_etag()
            return response

        return app

    return Subject(app=create_app, patterns={"streaming": BINDING})


@mutant("complete", says="so row 101 is missing")
def row_between_batches_lost() -> Subject:
    """The row that finds its batch full is not put into the next one."""

    def large_csv() -> Any:
        def generate() -> Iterator[str]:
            batch: list[str] = []
            for row in right.iter_all_rows():
                if len(batch) < 100:
                    batch.append(written(row))
                else:
                    yield "".join(batch)
                    batch = []
            yield "".join(batch)

        return generate(), CSV

    return table(large_csv)


@mutant("media-type", says="text/html")
def no_type() -> Subject:
    """The view returns the generator alone."""
    return table(lambda: map(written, right.iter_all_rows()))


@mutant("media-type", says="Content-Type: text/event-stream")
def events_as_a_page() -> Subject:
    """Events are sent as the page that a view returns by default."""

    def greeting() -> Any:
        name = flask.request.args["name"]
        return iter([*(f"data: {line}\n" for line in name.splitlines()), "\n"])

    return view("greeting", greeting)


@mutant("complete", says="1500 rows")
def characters_cut() -> Subject:
    """The table goes out in blocks of bytes, and what is no whole character is left out."""

    def large_csv() -> Any:
        def generate() -> Iterator[bytes]:
            kept = b""
            for row in right.iter_all_rows():
                kept += written(row).encode()
                while len(kept) >= 4096:
                    yield kept[:4096].decode(errors="ignore").encode()
                    kept = kept[4096:]
            yield kept

        return generate(), CSV

    return table(large_csv)


@mutant("csv-wellformed", says="a cell with a quote in it to be quoted")
def joined_with_commas() -> Subject:
    """The cells are joined with commas, as on the docs' page."""

    def large_csv() -> Any:
        def generate() -> Iterator[str]:
            for row in right.iter_all_rows():
                yield f"{','.join(str(right.defang(cell)) for cell in row)}\n"

        return generate(), CSV

    return table(large_csv)


@mutant("csv-wellformed", says="each quote within a quoted cell to be doubled")
def quotes_not_doubled() -> Subject:
    """Cells are put into quotes, but quotes in them stay single."""

    def large_csv() -> Any:
        def generate() -> Iterator[str]:
            for row in right.iter_all_rows():
                yield ",".join(f'"{right.defang(cell)}"' for cell in row) + "\r\n"

        return generate(), CSV

    return table(large_csv)


@mutant("csv-injection", says="'=1+1'\n")
def formulas_kept() -> Subject:
    """Cells are quoted but otherwise written as they are."""

    def large_csv() -> Any:
        rows = right.iter_all_rows()
        return (written(row, lambda cell: cell) for row in rows), CSV

    return table(large_csv)


@mutant("csv-injection", says="'@SUM(1+1)*cmd'\n")
def only_equals_signs() -> Subject:
    """Only the equals sign is taken for the begin of a formula."""

    def large_csv() -> Any:
        def change(cell: Any) -> Any:
            return f"'{cell}" if str(cell).startswith("=") else cell

        return (written(row, change) for row in right.iter_all_rows()), CSV

    return table(large_csv)


@mutant("length", says="no Content-Length")
def estimated_length() -> Subject:
    """A length is guessed from the number of rows, so that browsers show progress."""

    def large_csv() -> Any:
        length = {"Content-Length": str(500 * 24)}
        return map(written, right.iter_all_rows()), {**CSV, **length}

    return table(large_csv)


@mutant("length", says="with 4 bytes")
def length_in_characters() -> Subject:
    """A small table is sent with its length in characters, not in bytes."""

    def large_csv() -> Any:
        rows = right.iter_all_rows()
        first = [written(row) for row in itertools.islice(rows, 100)]
        headers = {**CSV}
        if len(first) < 100:
            headers["Content-Length"] = str(sum(map(len, first)))
        return itertools.chain(first, map(written, rows)), headers

    return table(large_csv)


@mutant("constant-memory", says="kB more")
def sent_lines_kept() -> Subject:
    """All lines are kept, to log how much was sent."""

    def large_csv() -> Any:
        logger = flask.current_app.logger

        def generate() -> Iterator[str]:
            sent = []
            for row in right.iter_all_rows():
                sent.append(written(row))
                yield sent[-1]
            logger.debug("sent %d characters", sum(map(len, sent)))

        return generate(), CSV

    return table(large_csv)


@mutant("constant-memory", says="kB more")
def buffer_not_emptied() -> Subject:
    """The writer's buffer is read from where the last line ended, but never emptied."""

    def large_csv() -> Any:
        def generate() -> Iterator[str]:
            buffer = io.StringIO()
            writer = csv.writer(buffer)
            for row in right.iter_all_rows():
                start = buffer.tell()
                writer.writerow(map(right.defang, row))
                buffer.seek(start)
                yield buffer.read()

        return generate(), CSV

    return table(large_csv)


@mutant("head", says="3000 rows read for a response with Content-Length")
def length_for_head() -> Subject:
    """HEAD is answered with the length, for which all rows are written."""

    def large_csv() -> Any:
        lines = map(written, right.iter_all_rows())
        if flask.request.method == "HEAD":
            return "", {**CSV, "Content-Length": str(sum(map(len, lines)))}
        return lines, CSV

    return table(large_csv)


@mutant("head", says="405 as")
def no_head() -> Subject:
    """The view answers GET only, and refuses what else comes."""

    def large_csv() -> Any:
        if flask.request.method != "GET":
            flask.abort(405)
        return map(written, right.iter_all_rows()), CSV

    return table(large_csv)


@mutant("endless", says="GET /streaming/squares -> 503", also=["cleanup-on-disconnect"])
def place_given_back_after_the_loop() -> Subject:
    """The one place for listeners is given back after the loop, which a hang-up does not reach."""

    def create_app() -> flask.Flask:
        place = threading.Semaphore()

        def squares() -> Any:
            def generate() -> Iterator[str]:
                for number in itertools.count():
                    yield f"data: {number}\n\n"
                place.release()

            if not place.acquire(blocking=False):
                flask.abort(503)
            return flask.Response(generate(), mimetype="text/event-stream")

        return view("squares", squares).app()

    return Subject(app=create_app, patterns={"streaming": BINDING})


@mutant("endless", says="piece 2 of the first response")
def collected() -> Subject:
    """Events are collected until there are many."""

    def squares() -> Any:
        events = "".join(f"data: {number}\n\n" for number in range(1000))
        return flask.Response(events, mimetype="text/event-stream")

    return view("squares", squares)


@mutant("headers-first", says="set too late, and not sent: X-Rows: 500")
def counted_in_a_header() -> Subject:
    """The generator counts the rows and puts the count into a header."""

    def large_csv() -> Any:
        def generate() -> Iterator[str]:
            count = 0
            for row in right.iter_all_rows():
                count += 1
                yield written(row)
            response.headers["X-Rows"] = str(count)

        response = flask.Response(generate(), headers=CSV)
        return response

    return table(large_csv)


@mutant("headers-first", says="410, set too late")
def status_from_the_generator() -> Subject:
    """The generator finds out that the page is gone."""

    def hello() -> Any:
        def generate() -> Iterator[str]:
            yield f"<p>Hello {escape(name)}"
            response.status_code = 410

        name = flask.request.args.get("name", "")
        response = flask.Response(generate())
        return response

    return view("hello", hello)


@mutant("vary-session", says="the generator accesses the session")
def session_in_the_generator() -> Subject:
    """Only the generator reads the session."""

    def visits() -> Any:
        def generate() -> Iterator[str]:
            yield f"<p>Hello {escape(flask.session.get('user', 'stranger'))}"

        return flask.stream_with_context(generate())

    return view("visits", visits)


@mutant("no-session-write", says="which was not stored in a cookie")
def downloads_counted() -> Subject:
    """The generator counts the finished downloads in the session."""

    def visits() -> Any:
        def generate() -> Iterator[str]:
            yield f"<p>Downloads: {flask.session['downloads']}"
            flask.session["downloads"] += 1

        flask.session.setdefault("downloads", 0)
        return flask.stream_with_context(generate())

    return view("visits", visits)


@mutant("error-early", says="it ended with BadRequestKeyError")
def field_read_in_the_generator() -> Subject:
    """The generator is the first to look for the field, as on the docs' page."""

    def hello() -> Any:
        def generate() -> Iterator[str]:
            yield "<p>Hello "
            yield escape(flask.request.args["name"])
            yield "!</p>"

        return flask.stream_with_context(generate())

    return view("hello", hello)


@mutant("error-late-visible", says="as if those were all")
def error_swallowed() -> Subject:
    """The generator logs the error and ends."""

    def large_csv() -> Any:
        logger = flask.current_app.logger

        def generate() -> Iterator[str]:
            try:
                for row in right.iter_all_rows():
                    yield written(row)
            except Exception as error:
                logger.debug("the export failed: %s", error)

        return generate(), CSV

    return table(large_csv)


@mutant("error-late-visible", says="a complete response with 2 rows")
def error_as_a_row() -> Subject:
    """The generator writes the error as a row of the table."""

    def large_csv() -> Any:
        def generate() -> Iterator[str]:
            try:
                for row in right.iter_all_rows():
                    yield written(row)
            except Exception as error:
                yield written(["error", str(error)])

        return generate(), CSV

    return table(large_csv)


@mutant("template-pieces", says="and 1 piece")
def rendered_as_a_whole() -> Subject:
    """The template is rendered before anything is sent."""

    def timeline() -> Any:
        name, entries = flask.request.args["name"], ["one", "two"]
        return flask.render_template("streaming/timeline.html", name=name, entries=entries)

    return view("timeline", timeline)


@mutant("context-available", says="Working outside of request context", also=["escape"])
def no_context() -> Subject:
    """The generator is returned without `stream_with_context`."""

    def hello() -> Any:
        def generate() -> Iterator[str]:
            yield f"<p>Hello {escape(flask.request.args['name'])}"

        return generate() if "name" in flask.request.args else flask.abort(400)

    return view("hello", hello)


@mutant("context-available", says="to the request that sent it, among concurrent ones")
def name_kept_in_a_global() -> Subject:
    """The view keeps the name where every request keeps it."""
    seen = {}

    def hello() -> Any:
        def generate() -> Iterator[str]:
            yield "<p>Hello "
            yield escape(seen["name"])

        seen["name"] = flask.request.args.get("name", "")
        return flask.stream_with_context(generate())

    return view("hello", hello)


@mutant("escape", says="markup: 200")
def name_not_escaped() -> Subject:
    """The generator yields what was sent, as it was sent."""

    def hello() -> Any:
        def generate() -> Iterator[str]:
            yield f"<p>Hello {flask.request.args['name']}</p>"

        return flask.stream_with_context(generate()) if flask.request.args else flask.abort(400)

    return view("hello", hello)


@mutant("escape", says="in the page's text")
def name_escaped_twice() -> Subject:
    """The name is escaped for the generator, and escaped again by the template."""

    def timeline() -> Any:
        name = str(escape(flask.request.args["name"]))
        return flask.stream_template("streaming/timeline.html", name=name, entries=[])

    return view("timeline", timeline)


@mutant("resource-open-during", says="Cannot operate on a closed database")  # fmt: skip
def connection_closed_by_the_view() -> Subject:
    """The view opens the connection in a `with` that ends when it returns."""

    def visits() -> Any:
        flask.session.get("user")
        with closing(sqlite3.connect(":memory:")) as db:
            rows = db.execute("SELECT 1 UNION SELECT 2")
            return (f"<p>{value}" for (value,) in rows)

    subject = view("visits", visits)
    binding = {**BINDING, "resource": "/streaming/visits"}
    return Subject(app=subject.app, patterns={"streaming": binding})


@mutant("teardown-once-after", says="one teardown of the request context")
def context_of_its_own() -> Subject:
    """The generator pushes a new context for the request, in place of keeping the first."""

    def hello() -> Any:
        def generate() -> Iterator[str]:
            with app.request_context(environ):
                yield "<p>Hello "
                yield escape(flask.request.args["name"])

        if "name" not in flask.request.args:
            flask.abort(400)
        app = flask.current_app._get_current_object()  # type: ignore[attr-defined]
        environ = flask.request.environ
        return generate()

    return view("hello", hello)


@mutant("cleanup-on-disconnect", says="-> 503", also=["head"])
def slot_given_back_after_the_loop() -> Subject:
    """One export at a time: its slot is given back after the last row, in no `finally`."""

    def create_app() -> flask.Flask:
        slot = threading.Semaphore()

        def large_csv() -> Any:
            def generate() -> Iterator[str]:
                for row in right.iter_all_rows():
                    yield written(row)
                slot.release()

            if not slot.acquire(blocking=False):
                flask.abort(503)
            return generate(), CSV

        return table(large_csv).app()

    return Subject(app=create_app, patterns={"streaming": BINDING})


@mutant("cleanup-on-disconnect", says="10 of queue.Queue")
def subscribed_for_good() -> Subject:
    """A client that has gone keeps its queue, which is fed on."""

    def create_app() -> flask.Flask:
        listeners: list[Any] = []

        def squares() -> Any:
            def generate() -> Iterator[str]:
                mine: queue.Queue[int] = queue.Queue()
                listeners.append(mine)
                for number in itertools.count():
                    mine.put(number * number)
                    yield f"data: {mine.get()}\n\n"

            return flask.Response(generate(), mimetype="text/event-stream")

        return view("squares", squares).app()

    return Subject(app=create_app, patterns={"streaming": BINDING})


@mutant("cleanup-on-disconnect", says="10 of thread")
def producer_goes_on() -> Subject:
    """A thread makes the events, and never learns that nobody waits for them."""

    def squares() -> Any:
        made: queue.Queue[int] = queue.Queue(3)

        def produce() -> None:
            for number in itertools.count():
                try:
                    made.put(number * number, timeout=20)
                except queue.Full:
                    return

        def generate() -> Iterator[str]:
            threading.Thread(target=produce, daemon=True, name="conformance-mutant").start()
            while True:
                yield f"data: {made.get()}\n\n"

        return flask.Response(generate(), mimetype="text/event-stream")

    return view("squares", squares)


@mutant("cleanup-on-disconnect", says="generator ignored GeneratorExit")
def hang_up_answered() -> Subject:
    """The generator says good-bye to a client that has gone."""

    def large_csv() -> Any:
        def generate() -> Iterator[str]:
            try:
                for row in right.iter_all_rows():
                    yield written(row)
            except GeneratorExit:
                yield "aborted\r\n"

        return generate(), CSV

    return table(large_csv)


@mutant("cleanup-on-disconnect", says="10 of thread, each time")
def thread_not_told() -> Subject:
    """A thread feeds the stream through a queue, and waits for ever when nobody takes from it."""

    def large_csv() -> Any:
        lines: queue.Queue[str | BaseException | None] = queue.Queue(maxsize=5)

        def feed() -> None:
            try:
                for row in right.iter_all_rows():
                    lines.put(written(row))
                lines.put(None)
            except BaseException as error:
                lines.put(error)

        def generate() -> Iterator[str]:
            threading.Thread(target=feed, daemon=True).start()
            while (line := lines.get()) is not None:
                if isinstance(line, BaseException):
                    raise line
                yield line

        return generate(), CSV

    return table(large_csv)


@mutant("interleaved", says="read in turns with another table", also=["cleanup-on-disconnect"])
def one_buffer_for_all() -> Subject:
    """The lines are written into a buffer that the module has."""
    line = io.StringIO()
    writer = csv.writer(line)

    def large_csv() -> Any:
        def generate() -> Iterator[str]:
            for row in right.iter_all_rows():
                writer.writerow(map(right.defang, row))
                yield line.getvalue()
                line.seek(0)
                line.truncate()

        return generate(), CSV

    return table(large_csv)


@mutant("ends-whole", says="a complete response to GET /streaming/visits")
def fails_at_its_end() -> Subject:
    """The generator counts what it has sent in the session, where nothing has begun to."""

    def visits() -> Any:
        flask.session.get("user")

        def generate() -> Iterator[str]:
            yield "<p>Hello"
            yield f"<p>Visit {flask.session['visits']}"

        return flask.stream_with_context(generate())

    return view("visits", visits)


@mutant("event-injection", says="an injected event")
def value_in_one_line() -> Subject:
    """The value is put behind `data:` as it is."""

    def greeting() -> Any:
        events = [f"data: Hello {flask.request.args['name']}\n\n"]
        return flask.Response(iter(events), mimetype="text/event-stream")

    return view("greeting", greeting)


@mutant("event-injection", says="in the data of an event, which an empty line ends")
def event_without_an_end() -> Subject:
    """The event ends with a line break, and no empty line tells the browser to take it."""

    def greeting() -> Any:
        lines = [f"data: {line}\n" for line in flask.request.args["name"].splitlines()]
        return flask.Response(iter(lines), mimetype="text/event-stream")

    return view("greeting", greeting)


@mutant("cleanup-on-disconnect", says="-> 503")
def slot_taken_by_the_view() -> Subject:
    """The view takes a slot, which a generator gives back that may never begin."""

    def create_app() -> flask.Flask:
        slots = threading.Semaphore(3)

        def squares() -> Any:
            def generate() -> Iterator[str]:
                try:
                    for number in itertools.count():
                        yield f"data: {number}\n\n"
                finally:
                    slots.release()

            if not slots.acquire(blocking=False):
                flask.abort(503)
            return flask.Response(generate(), mimetype="text/event-stream")

        return view("squares", squares).app()

    return Subject(app=create_app, patterns={"streaming": BINDING})
