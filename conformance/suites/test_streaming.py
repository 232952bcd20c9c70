"""The clauses of Streaming Contents."""

from __future__ import annotations

import contextlib
import itertools
import re
import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import flask
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from conformance.clause import (
    Gate,
    example,
    expect,
    explore,
    given,
    harden,
    must,
    should,
    together,
)
from conformance.core.errors import Deviation, Untested
from conformance.instruments.html import Page, normal
from conformance.instruments.strategies import Machine, markup
from conformance.patterns.streaming import (
    AFTER,
    FORMULA,
    MEDIA_TYPES,
    TURNS,
    Numbered,
    StreamingHarness,
    broken,
    difference,
    ending,
)
from conformance.transports import Request, Stream

Harness = StreamingHarness

#: The name of an event that a value tries to inject.
INTRUDER = "kqx"

words = st.text("abcxyz019", min_size=1, max_size=12)
plain_rows = st.lists(st.lists(words, min_size=1, max_size=5), max_size=60)
cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
rows = st.lists(st.lists(cells, min_size=1, max_size=4), max_size=6)
formulas = st.tuples(st.sampled_from(FORMULA), words).map(lambda parts: f"{parts[0]}f({parts[1]})")


# Basic usage.


@must("basic-usage", share=0.2)
@given(further_rows=st.integers(0, 1000))
def test_incremental(streaming: Harness, further_rows: int) -> None:
    """Rows reach the client before later rows are read, except for one batch ahead.

    A table that is built as a whole is as slow as its last row and takes the memory of all of
    them; the first large export takes down a server's worker.

    Source: Basic Usage: each `yield` is sent directly to the browser.

    Usual cause: the pieces are joined, or collected in a list, before they are returned; or a
    middleware or an after-request hook reads the whole response.
    """
    ahead = streaming.binding.ahead
    client = streaming.client()
    with streaming.source(Numbered(2 * ahead + further_rows), **streaming.pace()) as source:
        with streaming.open(client, streaming.need("table").request()) as stream:
            for piece in streaming.pieces(stream):
                source.arrive(piece)
    if source.over is not None:
        asked, arrived = source.over
        observed = f"row {asked} was read when {arrived} had arrived"
        raise Deviation(f"rows to arrive before {ahead} more are read", observed)


@must("basic-usage", share=0.5)
@given(table=plain_rows)
@example(table=[])
@example(table=[[str(number), "x"] for number in range(1, 251)])
@example(table=[[str(number), "x"] for number in range(1, 102)])
@example(table=[["Zoë Ñandú, 漢字".replace(",", ""), "x" * 61]] * 1500)
def test_complete(streaming: Harness, table: list[list[str]]) -> None:
    """The pieces add up to the whole table: every row once and in order.

    Source: Basic Usage: the generator iterates over all rows and yields each of them.

    Usual cause: the rest of a buffer or batch is not sent at the end, or a buffer is sent again
    because it was not emptied.
    """
    with streaming.source(table) as source:
        found = streaming.read(streaming.table(streaming.client(), source))
    wanted = list(source.shaped())
    if found != wanted:
        raise Deviation(*difference(wanted, found))


@must("basic-usage")
def test_interleaved(streaming: Harness) -> None:
    """Two tables that are streamed at the same time do not mix, and both are complete.

    Source: Basic Usage: the view creates a generator for each request, whose pieces are sent to
    that request's browser.

    Usual cause: a buffer or a writer that is created once for the module.
    """
    streaming.only_wsgi("reads two responses piece by piece")
    tables = [[[f"{name}{row}", "x" * 30 * row] for row in range(24)] for name in ("one", "two")]
    request = streaming.need("table").request()
    turns = threading.Barrier(2)

    def read() -> bytes | None:
        pieces: list[bytes] = []
        try:
            stream = streaming.open(streaming.client(), request)
        except Deviation:
            # An app may serve one at a time.
            turns.abort()
            return None
        try:
            with stream:
                while True:
                    with contextlib.suppress(threading.BrokenBarrierError):
                        turns.wait()
                    if (piece := streaming.piece(stream)) is None:
                        return b"".join(pieces)
                    pieces.append(piece)
        finally:
            # The other reader continues alone.
            turns.abort()

    streaming.client()  # this creates the app
    with streaming.source(ByTurns(tables)):
        # Each in its own thread, as a server reads them: they leave contexts in any order.
        bodies = together(read, read)
        if None in bodies:
            raise Untested("the table is not served to two clients at the same time")
        found = [streaming.rows_in(body) for body in bodies]
    wanted = [[list(row) for row in streaming.shaped(table)] for table in tables]
    for rows in found:
        expect(
            rows in wanted,
            f"the {len(wanted[0])} rows of one table, beginning {firsts(wanted[0])}",
            f"{len(rows)} rows, beginning {firsts(rows)}, read in turns with another table",
            cause="requests share what writes the rows, such as a writer or its buffer.",
        )
    expect(found[0] != found[1], "each of the two tables once", "the same table twice")


def firsts(rows: list[list[str]]) -> str:
    """Return the first cells of the first rows."""
    return ", ".join(row[0] if row else "an empty row" for row in rows[:6])


class ByTurns:
    """Rows that come from another table at each iteration."""

    def __init__(self, tables: list[list[list[str]]]) -> None:
        self._tables = itertools.cycle(tables)

    def __iter__(self) -> Iterator[list[str]]:
        return iter(next(self._tables))


@should("basic-usage")
def test_ends_whole(streaming: Harness) -> None:
    """Every finite stream runs to its end without breaking off.

    Source: Basic Usage: each piece is sent to the browser; RFC 9112 section 8: a response that
    breaks off is incomplete and must not be taken for a complete one.

    Usual cause: an error that only occurs for the last of the data, or at the end of the generator.
    """
    # Streams that show a field, or read what a request opens, have their own clauses.
    apart = streaming.binding.resource
    asked = {key: each for key, each in some(streaming).items() if key in ("table", "personal")}
    for request in asked.values() or [streaming.need("table").request()]:
        if apart is not None and apart.path == request.target:
            continue
        response = streaming.client().send(request)
        streaming.framed(response)
        streaming.whole(response)


@must("basic-usage")
def test_media_type(streaming: Harness) -> None:
    """The table and events have the media type of their format, and no charset but UTF-8.

    Without its own type, a browser treats a table as HTML and runs the markup in its cells, and
    takes no events.

    Source: Basic Usage: the generator is returned with its `Content-Type`.

    Usual cause: the generator is returned alone, without `Content-Type`.
    """
    asked = []
    if streaming.binding.table is not None or streaming.binding.events is None:
        asked.append((streaming.need("table").request(), MEDIA_TYPES[streaming.binding.format]))
    if streaming.binding.events is not None:
        request = streaming.echo(streaming.binding.events, "conformance")
        asked.append((request, MEDIA_TYPES["events"]))
    for request, wanted in asked:
        with streaming.open(streaming.client(), request) as stream:
            found = header(stream, "Content-Type")
        kind, _, parameters = found.lower().partition(";")
        charset = parameters.partition("charset=")[2].partition(";")[0].strip(' "')
        expect(
            kind.strip() in wanted and charset in ("", "utf-8", "utf8", "us-ascii"),
            f"Content-Type: {wanted[0]}, or an equivalent type",
            f"Content-Type: {found}" if found else "no Content-Type",
        )


@should("basic-usage", share=0.6)
@given(table=rows)
@example(table=[["a,b", 'say "hi"', "two\nlines"], ["", "\r", "\r\n", " x "]])
def test_csv_wellformed(streaming: Harness, table: list[list[str]]) -> None:
    """Parsing the CSV returns every cell unchanged, except for a mark before formulas.

    As soon as people write them, cells contain commas, quotes and line breaks. Only a cell that
    begins with `=`, `+`, `-`, `@`, a tab or a carriage return may be changed, by putting the
    binding's `defang` before it.

    Source: RFC 4180 section 2: cells with commas, quotes or line breaks are quoted.

    Usual cause: `','.join(row)`, as in the docs; `csv.writer` quotes.
    """
    csv_only(streaming)
    with streaming.source(table) as source:
        found = streaming.read(streaming.table(streaming.client(), source))
    mark = streaming.binding.defang
    wanted = list(source.shaped())

    def kept(cell: str, got: str) -> bool:
        return got == cell or (cell.startswith(FORMULA) and got == mark + cell)

    holds = len(found) == len(wanted) and all(
        len(got) == len(row) and all(map(kept, row, got))
        for row, got in zip(wanted, found, strict=True)
    )
    expect(holds, f"the rows {wanted!r:.300}", f"{found!r:.300}")


@harden("basic-usage", share=0.5)
@given(cell=formulas)
@example(cell="=1+1")
@example(cell="=cmd|'/C calc'!A0")
@example(cell="@SUM(1+1)*cmd")
def test_csv_injection(streaming: Harness, cell: str) -> None:
    """No text cell begins with what a spreadsheet evaluates as a formula.

    Opening the export would evaluate what another user entered as a name. Numbers may have a
    sign.

    Source: beyond the chapter; it protects whoever opens the export from formulas in its cells.

    Usual cause: cells are written unchanged; put the binding's `defang` before those that begin
    with `=`, `+`, `-`, `@`, a tab or a carriage return.
    """
    csv_only(streaming)
    with streaming.source([[cell, "x"]]) as source:
        found = streaming.read(streaming.table(streaming.client(), source))
    safe = streaming.binding.defang + cell
    unsafe = [got for row in found for got in row if got != safe and got.startswith(FORMULA)]
    expect(
        not unsafe,
        f"{safe!r}: {streaming.binding.defang!r} before a cell that begins with =, +, -, @, a tab "
        "or a carriage return",
        "".join(map(repr, unsafe)),
    )


@should("basic-usage", share=0.3)
@given(table=rows)
@example(table=[["é"]])
def test_length(streaming: Harness, table: list[list[str]]) -> None:
    """The table announces no Content-Length, or exactly its size in bytes.

    An unknown length must not be guessed: if it is too long the client waits for the rest, if it
    is too short the end is cut off.

    Source: RFC 9110 section 8.6: Content-Length is the number of bytes of the content.

    Usual cause: a Content-Length computed from an estimate, or in characters.
    """
    with streaming.source(table) as source:
        response = streaming.table(streaming.client(), source)
    announced = response.header("Content-Length")
    expect(
        announced is None or (int(announced) == len(response.body) and not broken(response)),
        "no Content-Length",
        f"Content-Length: {announced} with {len(response.body)} bytes",
    )


@should("basic-usage")
def test_constant_memory(streaming: Harness) -> None:
    """Memory use does not grow with the length of the table.

    Source: introduction: an enormous amount of data, much more than should be kept in memory.

    Usual cause: sent data is kept, in a list for a log or in a buffer that is read but never
    emptied; or all rows are fetched at once.
    """
    # The memory that any request takes would hide that of fewer rows.
    short = max(500, streaming.binding.ahead)
    long = 4 * short
    streaming.peak(10)
    most, least = streaming.peak(long), streaming.peak(short)
    grown = most - least
    kilobytes = long - short
    expect(
        grown < kilobytes * 250,
        f"to send a table of {long} kB in the memory that one of {short} kB takes",
        f"{grown // 1000} kB more: {most // 1000} kB instead of {least // 1000} kB",
    )


@should("basic-usage")
def test_head(streaming: Harness) -> None:
    """A HEAD request returns the stream's headers without generating its rows.

    Source: RFC 9110 section 9.3.2: HEAD is GET without the content.

    Usual cause: a hook reads the response to compute its length, even if nobody receives it.
    """
    route = streaming.need("table")
    if route.method != "GET":
        raise Untested("the table's route is not a GET route, so it has no HEAD")
    client = streaming.client()
    with streaming.open(client, route.request()) as stream:
        wanted = header(stream, "Content-Type")
        names = {name.lower() for name, _ in stream.headers}
    head = client.send(route.request(method="HEAD"))
    expect(
        (head.status, head.header("Content-Type"), head.body) == (200, wanted, b""),
        f"HEAD {route.path} to get what GET gets without its body: 200 as {wanted}",
        f"HEAD gets {head.status} as {head.header('Content-Type')} with {len(head.body)} bytes",
        cause="the view does not accept HEAD" if head.status == 405 else "",
    )
    ahead = streaming.binding.ahead
    streaming.ledger.note(f"a table of {3 * ahead} rows")
    with streaming.source(Numbered(3 * ahead)) as source:
        head = client.send(route.request(method="HEAD"))
    alone = [f"{name}: {value}" for name, value in head.headers if name.lower() not in names]
    told = f" for a response with {', '.join(alone)}, which GET does not have" if alone else ""
    expect(
        source.given <= ahead,
        f"HEAD {route.path} to generate no rows, as nobody receives them",
        f"{source.given} rows read{told}",
        cause="the rows are generated to compute a header, which the stream itself does not have"
        if alone
        else "",
    )


@must("basic-usage", share=0.1)
@given(pieces=st.integers(2, 5))
def test_endless(streaming: Harness, pieces: int) -> None:
    """An endless stream sends its pieces, and can be requested again after a client disconnects.

    Source: Basic Usage: each `yield` is sent directly to the browser.

    Usual cause: the pieces are collected first; or the view releases a slot after the loop, which
    never ends, instead of in a `finally`.
    """
    request = streaming.need("endless").request()
    streaming.renew()
    for turn, after in (("first", ""), ("second", AFTER)):
        with streaming.open(streaming.client(), request, after) as stream:
            for number in range(pieces):
                found = streaming.piece(stream)
                expect(found is not None, f"piece {number + 1} of the {turn} response", "its end")


# Response behaviour.


@must("http-response-behavior")
def test_headers_first(streaming: Harness) -> None:
    """All headers and the status are decided before the first piece is sent.

    A header or a cookie that the generator sets on the response is silently lost.

    Source: HTTP Response Behavior: the headers are sent before the body starts, so they are set
    before it.

    Usual cause: the generator refers to the response and sets a header at its end, such as a
    count.
    """
    for request in some(streaming).values():
        stream, sent = streaming.drain(streaming.client(), request)
        wire = {(name.lower(), value) for name, value in stream.headers}
        late = [
            f"{name}: {value}"
            for name, value in sent.response.headers
            if (name.lower(), value) not in wire
        ]
        expect(
            not late,
            f"no header of the response to {request} to be set after it has started",
            f"set too late, and not sent: {', '.join(late)}",
        )
        status = sent.response.status_code
        expect(
            status == stream.status,
            f"the status of {request} to stay {stream.status}, as it was sent",
            f"{status}, set too late, and not sent",
        )


@must("http-response-behavior")
def test_vary_session(streaming: Harness) -> None:
    """A stream that depends on the session has `Vary: Cookie`, or forbids shared caching.

    Flask adds the header if the view has accessed the session. A generator accesses it after the
    headers were sent, and a cache then serves one visitor's data to the next.

    Source: HTTP Response Behavior: the view accesses the session that the generator reads, so
    that `Vary: Cookie` is set.

    Usual cause: only the generator reads the session; read it in the view too.
    """
    request = streaming.need("personal").request()
    with streaming.open(streaming.client(), request) as stream:
        vary = tokens(stream, "Vary")
        cache = tokens(stream, "Cache-Control")
    if vary & {"cookie", "*"} or cache & {"private", "no-store"}:
        return
    cause = ""
    if streaming.bench.transport.same_process and streaming.accesses_late(request):
        cause = "the generator accesses the session, after the headers are sent."
    raise Deviation(
        "Vary: Cookie",
        f"Vary: {', '.join(vary) or 'nothing'}, Cache-Control: {', '.join(cache) or 'nothing'}",
        cause,
    )


@must("http-response-behavior")
def test_no_session_write(streaming: Harness) -> None:
    """The generator does not modify the session, whose cookie has already been sent.

    Source: HTTP Response Behavior: the generator does not modify the session, since its cookie
    was sent with the headers.

    Usual cause: a counter or `flash()` in the generator; it belongs in the view.
    """
    for request in some(streaming).values():
        _, sent = streaming.drain(streaming.client(), request)
        expect(
            dict(sent.session) == sent.stored,
            f"the session to stay as the headers of {request} stored it: {sent.stored}",
            f"{dict(sent.session)} at the end of the stream, which was not stored in a cookie",
        )


@should("http-response-behavior")
def test_error_early(streaming: Harness) -> None:
    """Errors that are known before streaming return an error status, not a broken stream.

    Without its required field, a view returns 4xx; a view that does not require it sends a
    complete page. The docs' own example reads the field in the generator, after 200 was sent.

    Source: HTTP Response Behavior: status and headers are sent before the body starts; RFC 9110,
    section 15.5: a request in error has a 4xx status.

    Usual cause: `request.args[...]` is read for the first time in the generator.
    """
    for route in streaming.echoes().values():
        response = streaming.client().send(streaming.without_field(route))
        streaming.framed(response)
        if broken(response) or response.status >= 500:
            raise Deviation(
                "a 4xx before the stream starts, or a complete response, for a request without "
                f"{streaming.binding.field}",
                *ending(response),
            )


@should("http-response-behavior", share=0.2)
@given(fails_after=st.integers(1, 40))
def test_error_late_visible(streaming: Harness, fails_after: int) -> None:
    """If the rows fail midway, the client can tell that the table is incomplete.

    The status has been sent, so the connection must break: this distinguishes a complete download
    from a partial one. JSON lines and events may report it in an extra one.

    Source: RFC 9112, section 8: a response whose body ends early is incomplete, which the closing
    of the connection shows.

    Usual cause: the generator catches the exception and ends, or writes it as a row; log it and
    raise it again.
    """
    with streaming.source(Numbered(fails_after), fails=True) as source:
        response = streaming.table(streaming.client(), source)
    streaming.ledger.note(f"the rows raised SourceFailed after row {fails_after}")
    if broken(response) or response.status >= 400:
        return
    streaming.framed(response)
    found = streaming.read(response)
    told = streaming.binding.format != "csv" and len(found) > fails_after
    expect(
        told,
        f"the response to break off, as reading its rows failed after row {fails_after}",
        f"a complete response with {len(found)} row{'s' * (len(found) != 1)}, as if those were all",
        cause="something catches the exception of the rows and ends the response."
        if source.failed
        else "",
    )


# Templates.


@must("streaming-from-templates")
def test_template_pieces(streaming: Harness) -> None:
    """A streamed template is sent in pieces rather than rendered as a whole first.

    Source: Streaming from Templates: `stream_template` renders a template piece by piece.

    Usual cause: `render_template`, or joining the pieces, instead of `stream_template`.
    """
    request = streaming.echo(streaming.need("template"), "conformance")
    with streaming.open(streaming.client(), request) as stream:
        count = sum(1 for _ in streaming.pieces(stream))
        length = header(stream, "Content-Length")
    expect(
        not length,
        "pieces of unknown total length",
        f"Content-Length: {length} and {count} piece{'s' * (count != 1)}",
    )


# Context.


@must("streaming-with-context", share=0.3)
@given(value=words)
def test_context_available(streaming: Harness, value: str) -> None:
    """A generator reads its own request, even while other requests are streamed.

    Source: Streaming with Context: a generator that relies on data in `request` needs
    `stream_with_context`.

    Usual cause: the generator runs without `stream_with_context`, so there is no request; or the
    view stores what it needs in a global.
    """
    for route in streaming.echoes().values():
        response = streaming.whole(streaming.client().send(streaming.echo(route, value)))
        expect(value in response.text, f"{value} in the response", response)
    values = [f"{value}-{number}-" for number in range(3)]
    for route in streaming.echoes().values():
        found = beside(streaming, [streaming.echo(route, each) for each in values])
        for each, text in zip(values, found, strict=True):
            strange = [other for other in values if other != each and other in text]
            expect(
                each in text and not strange,
                f"{each} in the response to the request that sent it, among concurrent ones",
                f"{text!r:.200}",
            )


@must("streaming-with-context", share=0.5)
@given(value=markup())
def test_escape(streaming: Harness, value: str) -> None:
    """A value streamed into HTML is escaped: it appears as text and cannot become markup.

    There is no autoescaping for a generator that yields strings.

    Source: Streaming with Context: the example yields `escape(request.args['name'])`.

    Usual cause: a value is yielded, or put into an f-string, without `escape`.
    """
    for key, route in streaming.echoes().items():
        client = streaming.client()
        plain = streaming.whole(client.send(streaming.echo(route, "conformance")))
        if plain.mimetype not in ("text/html", "application/xhtml+xml"):
            if len(streaming.echoes()) == 1:
                raise Untested(f"{key} is {plain.mimetype}, which needs no escaping")
            continue
        response = client.send(streaming.echo(route, value))
        if 400 <= response.status < 500:
            continue
        page = Page(streaming.whole(response).text)
        # A page may have an element for each letter.
        letters = streaming.whole(client.send(streaming.echo(route, "x" * len(value))))
        expect(
            shape(page) in (shape(Page(plain.text)), shape(Page(letters.text))),
            f"{value!r} as text",
            f"markup: {response}",
        )
        expect(normal(value) in normal(page.text), f"{value!r} in the page's text", response)


@harden("streaming-with-context", share=0.3)
@given(value=words, end=st.sampled_from(["\n\n", "\r\r", "\r\n\r\n", "\n", "\r", "\r\n"]))
@example(value="x", end="\n\n")
@example(value="x", end="\r\r")
@example(value="x", end="\n")
def test_event_injection(streaming: Harness, value: str, end: str) -> None:
    r"""A value streamed in an event stays in that event's data and adds no event or field.

    Source: goes beyond the chapter; HTML, 9.2.6: a line of an event ends with a line feed, a
    carriage return or both, and an empty line ends the event.

    Usual cause: `f"data: {value}\n\n"`: data with several lines needs `data:` before each.
    """
    route = streaming.need("events")
    plain = streaming.whole(streaming.client().send(streaming.echo(route, value)))
    expect(
        any(value in each["data"] for each in events_of(plain.text)),
        f"{value!r} in the data of an event, which an empty line ends",
        plain,
    )
    text = f"{value}{end}event: {INTRUDER}{end}data: {INTRUDER}"
    response = streaming.client().send(streaming.echo(route, text))
    if 400 <= response.status < 500:
        return
    found = events_of(streaming.whole(response).text)
    strange = [each for each in found if each.get("event") == INTRUDER or each["data"] == INTRUDER]
    expect(not strange, f"{text!r} as the data of an event", f"an injected event: {strange[:1]}")
    expect(
        any(value in each["data"] for each in found),
        f"{value!r} in the data of an event",
        response,
    )


def events_of(text: str) -> list[dict[str, str]]:
    """Parse server-sent events as HTML defines it: each with its data, and its name if any.

    What no empty line ends, at the end of the stream, is dropped.
    """
    found: list[dict[str, str]] = []
    for block in re.split(r"(?:\r\n|\r|\n){2}", text)[:-1]:
        event: dict[str, Any] = {"data": []}
        for line in re.split(r"\r\n|\r|\n", block):
            field, _, content = line.partition(":")
            content = content.removeprefix(" ")
            if field == "data":
                event["data"].append(content)
            elif field in ("event", "id"):
                event[field] = content
        found.append({**event, "data": "\n".join(event["data"])})
    return found


@should("streaming-with-context")
def test_resource_open_during(streaming: Harness) -> None:
    """Whatever the generator reads from stays open until the last piece.

    Flask 3.1.2 and 3.1.3 tear the request down before a generator with `stream_with_context`
    starts (pallets/flask#5804): there, what the view has opened is closed by then.

    Source: Streaming with Context: the view has already returned when the generator runs.

    Usual cause: the view opens a connection or a file that a teardown function, or a `with`,
    closes when the view returns; open it in the generator.
    """
    response = streaming.send(streaming.client(), streaming.need("resource"))
    streaming.framed(response)
    streaming.whole(response)


@should(
    "streaming-with-context",
    gates=[
        Gate(
            "flask",
            ">=3.1.2,<3.2",
            "pallets/flask#5804: teardown runs twice, the first time before the generator starts",
        )
    ],
)
def test_teardown_once_after(streaming: Harness) -> None:
    """A streamed request is torn down once: after the stream, or before it if nothing keeps it.

    Teardown functions close connections and count requests. Run both before and after the stream,
    the first run closes what the generator still uses.

    Source: Streaming with Context: the request context is kept active during the generator.

    Usual cause: the generator pushes its own context, such as `app.test_request_context()`,
    instead of using `stream_with_context`.
    """
    streaming.only_wsgi("observes the end of a request")
    watched = {"request": flask.request_tearing_down, "app": flask.appcontext_tearing_down}
    for route in streaming.echoes().values():
        request = streaming.echo(route, "conformance")
        with streaming.signals(*watched.values()) as heard:
            streaming.drain(streaming.client(), request)
        for name, signal in watched.items():
            count = sum(each is signal for each, _ in heard)
            expect(count == 1, f"one teardown of the {name} context of {request}", count)


@should("streaming-with-context", share=0.3)
def test_cleanup_on_disconnect(streaming: Harness) -> None:
    """When a client disconnects, the generator's resources are released and later requests succeed.

    Source: PEP 3333: a server calls `close()` on the iterable, so that the application can
    release its resources.

    Usual cause: what the view acquired is released after the loop instead of in a `finally`; or a
    thread keeps fetching.
    """
    streams = streaming.streams()
    if streaming.bench.transport.same_process:
        for request in streams.values():
            left = streaming.left_by(request)
            expect(
                not left,
                f"nothing to be left behind by {TURNS} clients that disconnected from {request}",
                f"{left}, each time that {TURNS} did so",
            )
    if not streams or streaming.binding.rows is not None:
        explore(partial(HangUps, streaming))


class HangUps(Machine):
    """A client that opens the table, reads some pieces, disconnects, and reads the whole table."""

    def __init__(self, harness: Harness) -> None:
        super().__init__(harness)
        self.streaming = harness
        self.block = harness.source(Numbered(60))
        self.source = self.block.__enter__()
        self.stream: Stream | None = None
        self.after = ""

    @precondition(lambda self: self.stream is None)
    @rule()
    def open(self) -> None:
        """Request the table without reading it."""
        request = self.streaming.need("table").request()
        self.stream = self.streaming.open(self.streaming.client(), request, self.after)

    @precondition(lambda self: self.stream is not None)
    @rule(count=st.integers(1, 70))
    def read(self, count: int) -> None:
        """Read some pieces, possibly to the end."""
        assert self.stream is not None
        for _ in range(count):
            if self.streaming.piece(self.stream) is None:
                break

    @precondition(lambda self: self.stream is not None)
    @rule()
    def hang_up(self) -> None:
        """Close and drop the stream, as a server does when its client has disconnected."""
        assert self.stream is not None
        try:
            self.streaming.hang_up(self.stream)
        finally:
            self.stream, self.after = None, AFTER
        released = self.streaming.released(self.source)
        expect(
            released,
            "the iterator of the rows to be closed when the client disconnects",
            "they are still held open",
        )
        expect(not flask.has_app_context(), "no context to be left behind", "an app context was")

    @precondition(lambda self: self.stream is None)
    @rule()
    def whole(self) -> None:
        """Read the table from beginning to end."""
        response = self.streaming.table(self.streaming.client(), self.source)
        found = self.streaming.read(response)
        wanted = list(self.source.shaped())
        if found != wanted:
            raise Deviation(*difference(wanted, found))

    def teardown(self) -> None:
        """Disconnect, check that everything is as before, and restore the subject's rows.

        A problem found here must not show up in the next run, which gets a new app.
        """
        try:
            if self.stream is not None:
                self.hang_up()
            self.whole()
        except Deviation:
            self.streaming.renew()
            raise
        finally:
            self.block.__exit__(None, None, None)


def some(streaming: Harness) -> dict[str, Request]:
    """Return the requests of the bound streams that have an end; at least one."""
    return streaming.requests() or {"table": streaming.need("table").request()}


def beside(streaming: Harness, requests: list[Request]) -> list[str]:
    """Return the texts of streams, each of which starts before any is read further."""
    begun = threading.Barrier(len(requests))

    def read(request: Request) -> str | Deviation:
        try:
            with streaming.open(streaming.client(), request) as stream:
                begun.wait()
                first = streaming.piece(stream) or b""
                begun.wait()
                return (first + b"".join(streaming.pieces(stream))).decode("utf-8", "replace")
        except threading.BrokenBarrierError:
            return ""
        except Deviation as error:
            begun.abort()
            return error

    # Create the app here, once, rather than in whichever thread comes first.
    streaming.client()
    found = together(*(partial(read, request) for request in requests))
    for each in found:
        if isinstance(each, Deviation):
            raise each
    return found


def csv_only(streaming: Harness) -> None:
    """End the clause as `untested` if the table is not CSV."""
    if streaming.binding.format != "csv":
        raise Untested(f"the table's format is {streaming.binding.format}, not csv")


def header(stream: Stream, name: str) -> str:
    """Return the values of a header of an unread response, or an empty string."""
    return ", ".join(value for key, value in stream.headers if key.lower() == name.lower())


def tokens(stream: Stream, name: str) -> set[str]:
    """Return the comma-separated members of such a header, in lower case."""
    return {each.strip().lower() for each in header(stream, name).split(",") if each.strip()}


def shape(page: Page) -> list[Any]:
    """Return the elements of a page and the names of their attributes."""
    return [(each.tag, sorted(each.attributes)) for each in page.find()]
