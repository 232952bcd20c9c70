"""Streaming Contents: content is sent while it is being generated."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import gc
import inspect
import itertools
import json
import re
import sys
import threading
import time
import traceback
import tracemalloc
import types
from collections import Counter
from collections.abc import Iterable, Iterator, KeysView, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, cast
from unittest import mock

import flask

from ..core.errors import Broken, Deviation, NotObserved, SubjectRaised, Untested
from ..core.own import is_own
from ..core.told import where
from ..subject.config import Binding, Component, Route
from ..transports import MARK, Client, Request, Response, Stream
from ..transports.client import raised_by
from . import Pattern
from .harness import Harness, Probe

if TYPE_CHECKING:
    from ..instruments.bench import Bench

#: The media types of each format of a table, the usual one first.
MEDIA_TYPES = {
    "csv": ("text/csv", "application/csv", "text/comma-separated-values"),
    "ndjson": (
        "application/x-ndjson",
        "application/ndjson",
        "application/jsonl",
        "application/x-jsonlines",
        "application/jsonlines",
        "application/json-lines",
    ),
    "events": ("text/event-stream",),
}

#: The first characters of cells that a spreadsheet takes for formulas.
FORMULA = ("=", "+", "-", "@", "\t", "\r")

#: Stands once in each row of `Numbered`, so that rows can be counted in any format.
_MARKER = b"row-"

#: How many clients disconnect before leftovers are counted.
TURNS = 10

#: When a request is sent that an earlier one must not hinder.
AFTER = ", after an earlier client disconnected"

#: Modules of objects that wait, or are open, for a client.
_RESOURCES = ("queue", "_queue", "socket", "_io", "sqlite3", "tempfile", "selectors")

#: Seconds to wait for another thread; an event usually ends the wait earlier.
_PATIENCE = 3.0

_PLAIN_CELL = re.compile(r'[^,"\r\n]*')


class Streaming(Binding):
    """How a subject exposes its streamed responses."""

    table: Route | None = None
    """A streamed route that writes rows, such as a CSV export."""
    rows: Component = None
    """The function that returns the table's rows; the kit replaces it with its own during a
    clause."""
    columns: list[str] | None = None
    """The names of a row's cells, if the view reads them by name; by default rows have any
    length."""
    format: Literal["csv", "ndjson", "events"] = "csv"
    """The format of the table: CSV, JSON lines (lists or objects), or the same as events."""
    ahead: int = 1000
    """How many rows the table may read ahead of what it sends, such as its batch size."""
    defang: str = "'"
    """What the table puts before a cell that a spreadsheet would take for a formula."""
    context: Route | None = None
    """A streamed route whose generator reads `field` from the request and shows it."""
    template: Route | None = None
    """A streamed template that shows `field` of the request."""
    field: str = "name"
    """The query or form field that those two show."""
    personal: Route | None = None
    """A streamed route that depends on the session."""
    resource: Route | None = None
    """A streamed route that reads what a request opens and closes, such as a database or a file."""
    events: Route | None = None
    """A streamed route of server-sent events with `field` of the request in their data."""
    endless: Route | None = None
    """A streamed route without an end, or a very long one."""


class Row(list[Any]):
    """A row like those of database libraries: cells by position, and by name if they have one."""

    def __init__(self, cells: Iterable[object], names: Sequence[str] = ()) -> None:
        super().__init__(cells)
        self._names = names

    def keys(self) -> KeysView[str]:
        """Return the names of the cells, like a mapping."""
        return dict.fromkeys(self._names).keys()

    def get(self, name: str, default: object = None) -> object:
        """Return the cell with a name, or `default`, like a mapping."""
        return self[name] if name in self._names else default

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(self._names.index(key) if isinstance(key, str) else key)

    def __getattr__(self, name: str) -> object:
        if name.startswith("_") or name not in self._names:
            raise AttributeError(name)
        return self[name]


@dataclasses.dataclass(frozen=True)
class Numbered:
    """`count` rows, generated one at a time, each padded with `padding` characters."""

    count: int
    padding: int = 20

    def __iter__(self) -> Iterator[list[str]]:
        return ([f"{_MARKER.decode()}{number}", "x" * self.padding] for number in range(self.count))


class SourceFailed(Exception):
    """Raised by the kit's rows in place of a database that went away."""


def shaped(rows: Iterable[Sequence[str]], columns: Sequence[str] | None) -> Iterator[Row]:
    """Yield rows with as many cells as there are columns, if those are given."""
    for cells in rows:
        if columns is None:
            yield Row(cells)
        else:
            width = len(columns)
            yield Row([*cells, *[""] * width][:width], columns)


class Source:
    """Stands in for the subject's function that returns rows, and records what becomes of them.

    With `ahead`, it pauses at each row until at most that many rows are on their way to the
    client; if they do not arrive within `patience` seconds, it records this in `over` and ends.
    With `fails` it raises after the last row.
    """

    def __init__(
        self,
        rows: Iterable[Sequence[str]],
        columns: Sequence[str] | None,
        *,
        ahead: int | None = None,
        patience: float = 0.0,
        fails: bool = False,
    ) -> None:
        self._rows = rows
        self._columns = columns
        self._ahead = ahead
        self._patience = patience
        self._fails = fails
        self._changed = threading.Condition()
        self._open = 0
        #: Whether it has raised, as it does with `fails`.
        self.failed = False
        self._rest = b""
        #: How often the subject asked for rows.
        self.calls = 0
        #: The number of rows returned so far.
        self.given = 0
        #: The number of rows that have arrived at the client.
        self.arrived = 0
        #: The number of the row that was read too early, and how many had arrived by then.
        self.over: tuple[int, int] | None = None

    def __call__(self, *args: object, **kwargs: object) -> Iterator[Row]:
        """Return the rows, whatever arguments the subject's own function takes."""
        self.calls += 1
        return self._run()

    def shaped(self) -> Iterator[Row]:
        """Yield the rows with as many cells as there are columns."""
        return shaped(self._rows, self._columns)

    def _run(self) -> Iterator[Row]:
        with self._changed:
            self._open += 1
        try:
            for number, row in enumerate(self.shaped()):
                if not self._in_pace(number):
                    return
                self.given += 1
                yield row
            if self._fails:
                self.failed = True
                raise SourceFailed("the source of the rows went away")
        finally:
            with self._changed:
                self._open -= 1
                self._changed.notify_all()

    def _in_pace(self, number: int) -> bool:
        ahead = self._ahead
        if ahead is None or number - self.arrived <= ahead:
            return True
        with self._changed:
            if self._changed.wait_for(lambda: number - self.arrived <= ahead, self._patience):
                return True
            self.over = number, self.arrived
        return False

    def arrive(self, piece: bytes) -> None:
        """Count the rows of `Numbered` in a piece of the response."""
        data = self._rest + piece
        self._rest = data[1 - len(_MARKER) :]
        with self._changed:
            self.arrived += data.count(_MARKER)
            self._changed.notify_all()

    def closed(self, patience: float) -> bool:
        """Check whether the rows are no longer held open, now or within `patience` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._open, patience)


@dataclasses.dataclass(frozen=True)
class Sent:
    """What Flask had when it sent the headers of a response."""

    response: flask.Response
    session: Any
    #: What was in the session at that time.
    stored: dict[str, object]


class StreamingHarness(Harness[Streaming]):
    """Reads streams piece by piece, and puts the kit's own rows into the table."""

    kind = "routes"
    keys = ("table", "context", "template", "personal", "resource", "endless")

    def __init__(self, slug: str, binding: Streaming, bench: Bench) -> None:
        super().__init__(slug, binding, bench)
        self._header: list[list[str]] | None = None
        self._patience = _PATIENCE

    def probes(self) -> Sequence[Probe]:
        """Return the probes of the table and the personal stream.

        A broken stream of the other kinds is for clauses to find.
        """
        requests = self.requests().items()
        return [Probe(key, request) for key, request in requests if key in ("table", "personal")]

    def streams(self) -> dict[str, Request]:
        """Return a request for each bound stream by its key, including the one without an end."""
        endless = self.binding.endless
        return {**self.requests(), **({} if endless is None else {"endless": endless.request()})}

    def hang_up(self, stream: Stream) -> None:
        """Close a stream, as a server does when its client has disconnected."""
        try:
            stream.close()
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            raise Deviation("the stream to close without raising", what) from error

    def left_by(self, request: Request) -> str:
        """Name what is left by clients that disconnect after the first piece; empty if nothing is.

        It counts what grows each time that another `TURNS` clients have disconnected.
        """

        def hang_up(read: bool = True, *, after: str = AFTER) -> None:
            stream = self.open(self.client(), request, after)
            try:
                if read:
                    self.piece(stream)
            finally:
                self.hang_up(stream)

        def grown() -> Counter[str]:
            before, threads = held(), set(threading.enumerate())
            for _ in range(TURNS):
                hang_up()
                # A generator that has not started has no `finally` yet.
                hang_up(read=False)
            _rest(set(threading.enumerate()) - threads)
            return Counter(
                {name: more for name, more in (held() - before).items() if more >= TURNS}
            )

        self.inside()
        hang_up(after="")  # what the first client creates is kept for all
        if first := grown():
            first &= grown()
        return ", ".join(f"{count} of {name}" for name, count in sorted(first.items()))

    def requests(self) -> dict[str, Request]:
        """Return a request for each bound route that has an end, by its key."""
        routes = {
            key: cast("Route | None", getattr(self.binding, key))
            for key in ("table", "context", "template", "personal", "resource")
        }
        fields = {self.binding.field: "conformance"}
        return {
            key: route.request(fields=fields if key in ("context", "template") else None)
            for key, route in routes.items()
            if route is not None
        }

    # Reading.

    def open(self, client: Client, request: Request, after: str = "") -> Stream:
        """Request a stream; raises `Deviation`, saying `after` what, if it is not a 200."""
        try:
            stream = client.stream(request)
        except (NotObserved, AssertionError):
            raise
        except Exception as error:
            raise SubjectRaised(str(request), error, where(error)) from error
        self.found(request, stream.status)
        if stream.status != 200:
            stream.close()
            raised = raised_by(stream)
            told = "" if raised is None else f" ({raised})"
            raise Deviation(f"200 for {request}{after}", f"{stream.status}{told}")
        return stream

    def found(self, request: Request, status: int) -> None:
        """End the clause as `broken` if a bound route does not exist."""
        if status not in (404, 405):
            return
        for key in ("table", "context", "template", "personal", "resource", "endless"):
            route = cast("Route | None", getattr(self.binding, key))
            if route is not None and route.path == request.target.partition("?")[0]:
                raise Broken.for_key(self.slug, key, f"{request} returns {status}")

    def piece(self, stream: Stream) -> bytes | None:
        """Return the next piece, or None at the end; raises `Deviation` if the stream breaks."""
        # The number of pieces read before the client disconnects is drawn.
        self.ledger.steer()
        try:
            return next(stream, None)
        except (NotObserved, AssertionError):
            raise
        except Exception as error:
            raise SubjectRaised("the generator", error, where(error)) from error

    def pieces(self, stream: Stream) -> Iterator[bytes]:
        """Yield the pieces to the end; raises `Deviation` if the stream breaks."""
        while (piece := self.piece(stream)) is not None:
            yield piece

    def drain(self, client: Client, request: Request) -> tuple[Stream, Sent]:
        """Read a stream to its end, or as far as it goes, and return what `watch` returns."""
        stream, sent = self.watch(client, request)
        with stream, contextlib.suppress(Deviation):
            for _ in self.pieces(stream):
                pass
        return stream, sent

    def whole(self, response: Response) -> Response:
        """Return a response if it is a complete 200; raises `Deviation` otherwise."""
        self.found(response.request, response.status)
        if response.status != 200 or broken(response):
            raise Deviation(f"a complete response to {response.request}", *ending(response))
        return response

    def framed(self, response: Response) -> None:
        """End the clause as `untested` if a truncated response looks like a complete one."""
        in_process = self.bench.transport.name == "wsgi"
        if in_process or response.truncated or response.status >= 400:
            return
        if "chunked" not in response.header_tokens("Transfer-Encoding"):
            raise Untested(
                f"{self.bench.transport.name} ends its responses by closing the connection, "
                "so a truncated one looks complete"
            )

    def watch(self, client: Client, request: Request) -> tuple[Stream, Sent]:
        """Request a stream, and return it with what Flask had when it sent the headers."""
        self.inside()
        mark = f"stream-{next(_numbers)}"
        sent: list[Sent] = []

        def listen(sender: object, response: flask.Response, **values: object) -> None:
            if flask.request.headers.get(MARK) == mark:
                session = cast(Any, flask.session)._get_current_object()
                sent.append(Sent(response, session, copy.deepcopy(dict(session))))

        with flask.request_finished.connected_to(listen, sender=self.flask_app):
            stream = self.open(client, request.with_headers((MARK, mark)))
        if not sent:
            stream.close()
            raise Broken(f"no view of the app handled {request}")
        return stream, sent[0]

    def accesses_late(self, request: Request) -> bool:
        """Check whether a stream accesses the session while it is read."""
        stream, sent = self.watch(self.client(), request)
        with stream:
            try:
                # To look at the session was an access too.
                sent.session.accessed = False
            except AttributeError:
                return False
            with contextlib.suppress(Deviation):
                for _ in self.pieces(stream):
                    pass
        return bool(sent.session.accessed)

    # Routes that show a field of the request.

    def echoes(self) -> dict[str, Route]:
        """Return the bound routes that show the field, by key; at least one."""
        routes = {"context": self.binding.context, "template": self.binding.template}
        return {key: route for key, route in routes.items() if route is not None} or {
            "context": self.need("context")
        }

    def echo(self, route: Route, value: str) -> Request:
        """Return the request that makes such a route show a value."""
        return route.request(fields={self.binding.field: value})

    def without_field(self, route: Route) -> Request:
        """Return the request of such a route without the field."""

        def rest(fields: Mapping[str, str] | None) -> dict[str, str]:
            return {key: text for key, text in (fields or {}).items() if key != self.binding.field}

        form = None if route.form is None else rest(route.form)
        return route.model_copy(update={"query": rest(route.query), "form": form}).request()

    # The kit's own rows.

    @contextlib.contextmanager
    def source(self, rows: Iterable[Sequence[str]], **how: Any) -> Iterator[Source]:
        """Put rows into the table while the block runs; see `Source` for `how`."""
        self.need("table")
        self.inside()
        named = self.binding.rows
        self.component("rows")
        if not isinstance(named, str):
            raise Untested.for_keys(self.slug, "rows", hint=" as 'module:attribute'")
        source = Source(rows, self.binding.columns, **how)
        self.ledger.steer()
        with mock.patch(named.replace(":", "."), source):
            yield source

    def table(self, client: Client, source: Source) -> Response:
        """Request the whole table; the clause is `broken` if the table reads no rows."""
        self._header_rows()
        response = self.send(client, self.need("table"))
        if not source.calls and response.status == 200:
            raise Broken(
                f"patterns.{self.slug}.rows: the table does not call {self.binding.rows}; "
                "name it in the module where the view looks it up"
            )
        return response

    def read(self, response: Response) -> list[list[str]]:
        """Return the rows of a whole table, without those that it has when it is empty."""
        rows = parse(self.binding.format, self.whole(response))
        return rows[len(self._header_rows()) :]

    def shaped(self, rows: Iterable[Sequence[str]]) -> Iterator[Row]:
        """Yield rows with as many cells as there are bound columns."""
        return shaped(rows, self.binding.columns)

    def rows_in(self, body: bytes) -> list[list[str]]:
        """Return the rows in the bytes of a table, as `read` does."""
        rows = parse(self.binding.format, Response(200, (), body, Request("GET", "/")))
        return rows[len(self._header_rows()) :]

    def _header_rows(self) -> list[list[str]]:
        if self._header is None:
            self.ledger.note("the table without rows, for its header row")
            with self.source([]):
                empty = self.send(self.client(), self.need("table"))
            has_header = empty.status == 200 and not broken(empty)
            self._header = parse(self.binding.format, empty) if has_header else []
        return self._header

    def pace(self) -> dict[str, object]:
        """Return what makes a source wait for the client, which in process is never behind."""
        in_process = self.bench.transport.name == "wsgi"
        return {"ahead": self.binding.ahead, "patience": 0.0 if in_process else _PATIENCE}

    def released(self, source: Source) -> bool:
        """Check whether the rows are released; after a failure the next wait is short.

        An iterator without a `close` releases them once it is no longer referenced.
        """
        if source.closed(0.0):
            return True
        gc.collect()
        if source.closed(self._patience):
            return True
        self._patience = 0.02
        return False

    def peak(self, count: int) -> int:
        """Return the peak memory, in bytes, of reading a table of so many kilobytes."""
        self.only_wsgi("measures the memory of one thread")
        with self.source(Numbered(count, 1000)):
            client = self.client()
            tracemalloc.start()
            try:
                with self.open(client, self.need("table").request()) as stream:
                    for _ in self.pieces(stream):
                        pass
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()


_numbers = itertools.count()


def held() -> Counter[str]:
    """Count what clients can leave behind: threads, queues, files, the subject's own objects."""
    gc.collect()
    counted = Counter({"thread": threading.active_count()})
    for each in gc.get_objects():
        kind = type(each)
        module = sys.modules.get(kind.__module__)
        file = getattr(module, "__file__", None)
        if kind.__module__ in _RESOURCES or kind is types.GeneratorType:
            if kind is not types.GeneratorType or is_own(each.gi_code.co_filename):
                counted[f"{kind.__module__}.{kind.__qualname__}"] += 1
        elif file is not None and is_own(file):
            counted[f"{kind.__module__}.{kind.__qualname__}"] += 1
    return counted


def _rest(threads: Iterable[threading.Thread]) -> None:
    """Wait up to a second in all for threads to end; the others are counted as left behind."""
    deadline = time.monotonic() + 1
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))


def broken(response: Response) -> bool:
    """Check whether a response broke off, or never came."""
    return response.error is not None or response.truncated


def ending(response: Response) -> tuple[str, str]:
    """Say how a response ended, and what an exception in it shows: text and cause."""
    error = response.error
    if error is None:
        return f"{response}{', which broke off' if response.truncated else ''}", ""
    text = str(error).strip().partition("\n")[0][:200]
    place = where(error)
    told = f"it ended with {type(error).__name__}: {text}" + (f" ({place})" if place else "")
    frames = [frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__)]
    own = [code for code in frames if is_own(code.co_filename)]
    late = any(code.co_flags & inspect.CO_GENERATOR for code in own) and not any(
        code.co_name == "full_dispatch_request" for code in frames
    )
    return told, "a generator raised it, when the status and the headers were sent." if late else ""


def difference(wanted: Sequence[object], found: Sequence[object]) -> tuple[str, str]:
    """Return what is expected and observed at the first row in which two tables differ."""
    pairs = zip(wanted, found, strict=False)
    place = next(
        (place for place, (row, other) in enumerate(pairs) if row != other),
        min(len(wanted), len(found)),
    )
    row = place + 1
    expected, observed = f"{len(wanted)} rows", f"{len(found)} rows"
    if place == len(found):
        return f"{expected}, the last {wanted[-1]!r:.120}", f"{observed}: no row after row {place}"
    if place == len(wanted):
        return expected, f"{observed}: after row {place} also {found[place]!r:.120}"
    follows = wanted[row:] and found[place] == wanted[row]
    missing = f", so row {row} is missing" if follows else ""
    return (
        f"{expected}, row {row} to be {wanted[place]!r:.120}",
        f"{observed}, row {row} is {found[place]!r:.120}{missing}",
    )


def parse(format: str, response: Response) -> list[list[str]]:  # noqa: A002
    """Parse the rows of a table; raises `Deviation` if it is malformed."""
    try:
        text = response.body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Deviation("a table in UTF-8", str(error)) from None
    if format == "csv":
        return read_csv(text)
    documents = text.split("\n") if format == "ndjson" else _events(text)
    rows: list[list[str]] = []
    for document in documents:
        if not document.strip():
            continue
        try:
            row = json.loads(document)
        except ValueError as error:
            raise Deviation("JSON in each line or event", f"{document[:80]!r}: {error}") from None
        cells = row.values() if isinstance(row, dict) else row if isinstance(row, list) else [row]
        rows.append([str(cell) for cell in cells])
    return rows


def _events(text: str) -> Iterator[str]:
    for event in re.split(r"\r?\n\r?\n", text):
        lines = [line for line in event.splitlines() if line.startswith("data:")]
        yield "\n".join(line.removeprefix("data:").removeprefix(" ") for line in lines)


def read_csv(text: str) -> list[list[str]]:
    """Parse CSV as in RFC 4180, with any line ending; raises `Deviation` if it is malformed."""
    rows: list[list[str]] = []
    row: list[str] = []
    place = 0
    while place < len(text):
        quoted = text[place] == '"'
        if quoted:
            cell, place = _quoted_cell(text, place)
        else:
            match = cast("re.Match[str]", _PLAIN_CELL.match(text, place))
            cell, place = match[0], match.end()
        row.append(cell)
        after = text[place : place + 1]
        if after not in (",", "\r", "\n", ""):
            near = text[max(0, place - 20) : place + 20]
            wanted = (
                "each quote within a quoted cell to be doubled"
                if quoted
                else "a cell with a quote in it to be quoted, and the quote doubled"
            )
            raise Deviation(f"{wanted} (row {len(rows) + 1})", repr(near))
        if after == ",":
            place += 1
            if place < len(text):
                continue
            row.append("")
        rows.append(row)
        row = []
        place += 2 if text.startswith("\r\n", place) else 1
    return rows


def _quoted_cell(text: str, start: int) -> tuple[str, int]:
    parts: list[str] = []
    place = start + 1
    while (end := text.find('"', place)) >= 0:
        parts.append(text[place:end])
        place = end + 1
        if text[place : place + 1] != '"':
            return "".join(parts), place
        parts.append('"')
        place += 1
    raise Deviation("a closing quote for each quoted cell", repr(text[start : start + 40]))


pattern = Pattern(
    slug="streaming",
    title="Streaming Contents",
    sections={
        "": "Streaming Contents",
        "http-response-behavior": "HTTP Response Behavior",
        "basic-usage": "Basic Usage",
        "streaming-from-templates": "Streaming from Templates",
        "streaming-with-context": "Streaming with Context",
    },
    binding=Streaming,
    harnesses=(StreamingHarness,),
)
