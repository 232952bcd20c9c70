"""The clauses of Request Content Checksums."""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import io
import itertools
import json
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode

import flask
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

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
from conformance.core.errors import Deviation, SubjectRaised, Untested
from conformance.core.told import Location
from conformance.instruments.strategies import Machine, bodies, chunk_sizes
from conformance.patterns.requestchecksum import (
    KINDS,
    LIMIT,
    READ,
    STREAM_METHODS,
    Answer,
    Body,
    Generated,
    Kind,
    RequestChecksumComponent,
    RequestChecksumHarness,
    RequestChecksumRoutes,
    finished,
)
from conformance.transports import Request, Response, Upload
from conformance.transports.messages import BOUNDARY, multipart
from conformance.transports.wsgi import Chunks

Harness = RequestChecksumHarness

kinds = st.sampled_from(KINDS)
#: Picks one of the subject's ways to read a body; the strategy does not know how many there are.
picks = st.integers(0, 11)


#: Short text as people and programs write it, cheap to draw.
words = st.text("abz019 \"'&=+%/\\\né漢", max_size=10)


def _json() -> st.SearchStrategy[bytes]:
    value = st.lists(words | st.integers(-99, 10**9), max_size=3)
    spacing = st.sampled_from([(", ", ": "), (",", ":"), (" ,\n", " :\t")])

    def write(drawn: tuple[Any, tuple[str, str], bool]) -> bytes:
        found, separators, ascii_only = drawn
        value = {"b": found, "a": len(found)}
        return json.dumps(value, separators=separators, ensure_ascii=ascii_only).encode()

    return st.tuples(value, spacing, st.booleans()).map(write)


def _form() -> st.SearchStrategy[bytes]:
    pairs = st.lists(st.tuples(words, words), max_size=3)
    return pairs.map(lambda items: urlencode(items).encode())


def _multipart() -> st.SearchStrategy[bytes]:
    def write(drawn: tuple[str, bytes, bytes, bytes]) -> bytes:
        field, content, before, after = drawn
        whole = multipart([("field", field)], [("file", Upload("a.bin", content))])
        return before + whole + after

    preamble = st.sampled_from([b"", b"preamble\r\n"])
    epilogue = st.sampled_from([b"", b"epilogue", b"\r\n" * 40])
    return st.tuples(words, bodies(max_size=200), preamble, epilogue).map(write)


CONTENTS: dict[Kind, st.SearchStrategy[bytes]] = {
    "json": _json(),
    "form": _form(),
    "multipart": _multipart(),
    "binary": bodies(max_size=200),
    "text": words.map(str.encode),
}

#: A body of any kind, as a client of an API would write it.
sent_bodies = kinds.flatmap(lambda kind: CONTENTS[kind].map(partial(Body, kind)))

#: Bodies that may be damaged. Werkzeug leaves a file open when a multipart body ends in the
#: middle of one, so these only have fields.
frail_bodies = kinds.flatmap(
    lambda kind: (
        words.map(lambda text: multipart([("field", text)], []))
        if kind == "multipart"
        else CONTENTS[kind]
    ).map(partial(Body, kind))
)


def spread(data: bytes) -> str:
    """Return how many bytes there are, in words."""
    return f"{len(data)} byte{'' if len(data) == 1 else 's'}"


def prefix_of(harness: Harness, answer: Answer, data: bytes) -> str:
    """Return which part of the bytes a wrong checksum covers, in words."""
    buffers = (2**power for power in range(11, 24))
    millions = (10**power for power in range(4, 8))
    for length in (*range(min(len(data), 2000)), *buffers, *millions):
        if length >= len(data):
            continue
        if harness.hash_of(data[:length], answer.algorithm) == answer.checksum:
            return f", that of {'no bytes' if not length else f'the first {spread(data[:length])}'}"
    if harness.hash_of(data + data, answer.algorithm) == answer.checksum:
        return ", that of the bytes counted twice"
    for what, other in rewritten(data):
        if harness.hash_of(other, answer.algorithm) == answer.checksum:
            return f", that of {what}, {other!r:.60}"
    return ""


def rewritten(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what a body may have become if it was parsed and written anew, with a description."""
    for encoding in ("utf-8", "latin-1"):
        with contextlib.suppress(ValueError):
            pairs = parse_qsl(data.decode(encoding), keep_blank_values=True, encoding=encoding)
            yield "its form fields, written anew", urlencode(pairs, encoding=encoding).encode()
            yield "the first of its form fields", urlencode(dict(pairs[::-1])).encode()
    with contextlib.suppress(ValueError):
        value = json.loads(data)
        for separators, ordered in itertools.product([(", ", ": "), (",", ":")], [False, True]):
            text = json.dumps(value, separators=separators, sort_keys=ordered)
            yield "its JSON value, written anew", text.encode()


def is_right(harness: Harness, answer: Answer, data: bytes) -> bool:
    """Check whether there is a checksum and it matches the bytes."""
    return answer.checksum is not None and answer.checksum == harness.hash_of(
        data, answer.algorithm
    )


def expect_right(
    harness: Harness,
    answer: Answer,
    data: bytes,
    *,
    instead: str = "",
    allowed: bool = False,
    why: Callable[[], str] = str,
) -> None:
    """Expect the checksum of the bytes, or what `instead` describes if that is `allowed`.

    `why` returns the cause of a wrong one, or an empty string.
    """
    if allowed or is_right(harness, answer, data):
        return
    if answer.checksum is None:
        wanted, found = f"the checksum of the {spread(data)} sent{instead}", str(answer)
    else:
        right = harness.hash_of(data, answer.algorithm)
        wanted = f"{right}, the {answer.algorithm} of the {spread(data)} sent{instead}"
        found = f"{answer.checksum}{prefix_of(harness, answer, data)}"
    raise Deviation(wanted, found, why())


def right_with(harness: Harness, request: Request, data: bytes, how: str) -> str:
    """Say that another request with the same body gets the right checksum, if it does."""
    harness.ledger.note(f"the same body {how}:")
    return f"the same body {how} gets the right checksum." * is_right(
        harness, harness.ask(request), data
    )


def a_way(harness: Harness, kind: Kind, way_number: int) -> str:
    """Return one of the ways in which the subject reads a body of this kind to the end."""
    ways = harness.ways(kind)
    return harness.choose(ways, way_number=way_number)


@must("", share=0.3)
@given(data=bodies(), times=st.just(1), kind=st.sampled_from(["binary", "text"]))
@example(data=b"\r\n\0\xff\x1a", times=1, kind="binary")
@example(data=b"0123456789", times=7000, kind="binary")
@example(data=b"0123456789abcdef", times=200_000, kind="binary")
def test_equals_hash(requestchecksum: Harness, data: bytes, times: int, kind: Kind) -> None:
    """The checksum is the hash of exactly the bytes that the client sent.

    It is compared with what the client computed over its own bytes: any change on the way, such
    as decoded text, a line ending or a reserialized value, makes the two disagree about the same
    message.

    Source: introduction: calculate the checksum of the incoming request data.

    Usual cause: the hash covers decoded text, or values that were parsed and serialized again,
    instead of the body.
    """
    if not {"binary", "text"} & set(requestchecksum.kinds):
        raise Untested.for_keys("requestchecksum", "kinds", hint=": binary or text among them")
    if kind not in requestchecksum.kinds:
        return
    data *= times
    request = requestchecksum.request(Body(kind, data), a_way(requestchecksum, kind, 1))
    answer = requestchecksum.ask(request)
    # The app may have its own limit for large bodies.
    limited = times > 1 and answer.response.status == 413
    expect_right(requestchecksum, answer, data, instead=", or 413", allowed=limited)


@must("", share=0.3)
@given(body=sent_bodies)
@example(body=Body("json", b'{"b": 1,  "a": "\xc3\xbc"}'))
@example(body=Body("form", b"a=1&a=%32&b=+"))
@example(body=Body("multipart", multipart([], [("file", Upload("a", b"--x\r\n" * 30))]) + b"end"))
@example(body=Body("binary", b""))
def test_all_body_kinds(requestchecksum: Harness, body: Body) -> None:
    """The checksum is right for JSON, forms, file uploads, other content types and an empty body.

    Each kind is read by a different accessor of the request, which is why the docs hash below all
    of them. A multipart body counts with its boundaries and whatever follows the last one.

    Source: introduction: JSON data and form data take different code paths; wrapping the input
    stream hashes both.

    Usual cause: the view calls one accessor for all kinds, which does not read the others, or it
    hashes fields instead of the body.
    """
    if body.kind not in requestchecksum.kinds:
        return
    request = requestchecksum.request(body, a_way(requestchecksum, body.kind, 0))
    expect_right(requestchecksum, requestchecksum.ask(request), body.data)


#: How the end of a body is marked.
TRANSFERS = ("length", "terminated", "chunked")

#: Ways to read the rest of a stream.
RESTS = ("read()", "read(-1)", "readlines()", "a loop")


class Reading(Machine):
    """Reads a stream by every method that streams have; the model is the bytes themselves."""

    def __init__(self, harness: Harness) -> None:
        super().__init__(harness)
        self.harness: Harness = harness
        self.stack = contextlib.ExitStack()
        self.whole = True

    @initialize(
        pieces=st.lists(
            st.binary(min_size=8, max_size=40) | st.just(b"\n"), min_size=3, max_size=9
        ),
        transfer=st.sampled_from(TRANSFERS),
        rest=st.sampled_from(RESTS),
    )
    def open(self, pieces: list[bytes], transfer: str, rest: str) -> None:
        """Open a request with a body of several lines; `rest` is how the last ones will be read."""
        self.rest = rest
        self.data = b"".join(pieces)
        self.model = io.BytesIO(self.data)
        request = Request.build(
            "POST", "/data", data=self.data, chunked=[len(p) for p in pieces if p] or True
        )
        self.terminated = transfer != "length"
        if transfer != "chunked":
            flag = {"wsgi.input_terminated": True} if transfer == "terminated" else {}
            request = Request.build("POST", "/data", data=self.data, environ=flag)
        told = {"length": "with its Content-Length", "terminated": "and wsgi.input_terminated"}
        self.harness.ledger.note(
            f"a request with the body {self.data!r}, {told.get(transfer, 'in chunks')}"
        )
        self.last = ""
        self.stream, self.hash = self.stack.enter_context(
            RequestChecksumComponent.of(self.harness).opened(request)
        )

    def take(self, method: str, *args: object) -> Any:
        """Call a method of the stream."""
        shown = ", ".join(map(repr, args))
        self.whole = False
        what = f"stream.{method}({shown})"
        try:
            taken = self.harness.call(what, lambda: getattr(self.stream, method)(*args))
        except SubjectRaised as raised:
            count = f"{self.model.tell()} of the {spread(self.data)}"
            if self.last:
                raised.cause = (
                    f"the calls up to {self.last} have returned {count}, and the stream does not "
                    "count them all: it asks the server for more"
                    if self.model.tell() == len(self.data)
                    else f"the calls up to {self.last} have returned {count}."
                )
            raise
        self.whole, self.last = True, what
        return taken

    def agree(self, taken: object, expected: object, what: str) -> None:
        """Expect the model's result."""
        self.whole = False
        expect(taken == expected, f"{expected!r} from {what}", repr(taken))
        self.whole = True

    @rule(size=st.integers(0, 60))
    def read(self, size: int) -> None:
        """Read up to `size` bytes; a stream may return fewer, but not none before its end."""
        # Werkzeug's own stream takes a read of zero bytes for a closed connection.
        size = size if self.terminated else max(size, 1)
        taken = self.take("read", size)
        left = self.model.getbuffer()[self.model.tell() :]
        possible = bytes(left[: len(taken)]) == taken and len(taken) <= size
        empty = not taken and size > 0 and len(left) > 0
        left.release()
        self.agree(taken if possible and not empty else None, taken, f"read({size})")
        self.model.read(len(taken))

    @rule(args=st.just(()) | st.tuples(st.integers(0, 30)))
    def read_line(self, args: tuple[int, ...]) -> None:
        """Read a line, or a part of one."""
        self.agree(self.take("readline", *args), self.model.readline(*args), "readline")

    @rule()
    def next_line(self) -> None:
        """Take the next line from a loop over the stream, if the stream supports it."""
        if not hasattr(self.stream, "__iter__"):
            return
        line = self.harness.call(
            "next(iter(stream))", lambda stream: next(iter(stream), b""), self.stream
        )
        self.agree(line, self.model.readline(), "a loop over the stream")

    @rule(size=st.integers(1, 40))
    def read_into(self, size: int) -> None:
        """Read into a buffer, if the stream supports it."""
        if hasattr(self.stream, "readinto"):
            buffer = bytearray(size)
            count = self.take("readinto", buffer) or 0
            self.agree(bytes(buffer[:count]), self.model.read(count), f"readinto({size})")

    def read_rest(self) -> None:
        """Read the rest in the way drawn for it; nothing follows."""
        if self.rest == "a loop" and hasattr(self.stream, "__iter__"):
            while self.model.tell() < len(self.data):
                self.next_line()
        if self.rest == "readlines()" and hasattr(self.stream, "readlines"):
            self.agree(self.take("readlines"), self.model.readlines(), self.rest)
        args = (-1,) if self.rest == "read(-1)" else ()
        self.agree(self.take("read", *args), self.model.read(), "read()")

    def teardown(self) -> None:
        """Read the rest; the checksum is that of the whole body."""
        with self.stack:
            if self.whole and hasattr(self, "stream"):
                self.read_rest()
                name = self.harness.binding.finish
                if name is not None:
                    self.hash = self.harness.call(f"{name}()", finished, self.hash, name)
                for _ in range(2):
                    found = self.harness.call("hexdigest()", self.hash.hexdigest).lower()
                    name = getattr(self.hash, "name", "")
                    right = self.harness.hash_of(self.data, name)
                    expect(
                        found == right,
                        f"{right}, the {name} of {self.data!r}, each byte counted once",
                        found,
                    )


@should("", share=0.6)
def test_any_consumption(requestchecksum: Harness) -> None:
    """The checksum is right however the stream is read: by size, by line or by iteration.

    Parsers read in blocks, upload code in blocks of its own, CSV readers by line. A stream that
    replaces the server's counts each byte once, whichever of its methods returns it.

    Source: introduction: the stream hashes the data as it is read; PEP 3333, "Input and Error
    Streams": the size of `read` and `readline` is optional.

    Usual cause: `read` or `readline` requires a size, or one of the wrapper's methods returns
    bytes without hashing them.
    """
    for transfer, rest in itertools.product(TRANSFERS, RESTS):
        whole = Reading(requestchecksum)
        whole.open([b"one\n", b"two\nthree"], transfer, rest)
        whole.teardown()
    # Few steps, so that the last one still has something to read.
    explore(lambda: Reading(requestchecksum), steps=6)


@harden("")
def test_stream_methods(requestchecksum: Harness) -> None:
    """The stream that replaces the server's has all of its methods: reads, lines and iteration.

    Where the server marks the end of the body, as gunicorn and waitress do, `request.stream` is
    that very stream, and code that loops over it fails with a TypeError.

    Source: beyond the chapter, whose stream has `read` and `readline`; it protects code that relies
    on PEP 3333, "Input and Error Streams", which also lists `readlines` and iteration.

    Usual cause: the wrapper only has the methods that Werkzeug's parsers call.
    """
    methods = RequestChecksumComponent.of(requestchecksum).methods
    missing = [name for name in STREAM_METHODS if name not in methods]
    expect(
        not missing,
        "a stream with read, readline, readlines and iteration",
        f"it lacks {', '.join(missing)}",
    )


@must("", share=0.5)
@given(body=sent_bodies, way_number=picks, terminated=st.booleans())
@example(body=Body("binary", b"abc"), way_number=0, terminated=True)
@example(body=Body("form", b"a=1"), way_number=4, terminated=False)
def test_transparent(
    requestchecksum: Harness, body: Body, way_number: int, terminated: bool
) -> None:
    """The view reads the same body as it would without the checksum.

    Source: Example usage: after requesting the checksum, the view reads `request.files`.

    Usual cause: the body is read for the hash and not put back, so the form or the files are
    empty.
    """
    way = a_way(requestchecksum, body.kind, way_number)
    request = requestchecksum.request(body, way)
    if terminated:
        request = requestchecksum.terminated(request)
    component = RequestChecksumComponent.of(requestchecksum)
    component.ledger.note("without a checksum:")
    plain = component.plain().send(request)
    component.ledger.note("with a checksum:")
    response = requestchecksum.ask(request).response
    expect(
        (response.status, response.body) == (plain.status, plain.body),
        f"the view to read by {READ[way]} what it reads without a checksum: {seen(plain)}",
        seen(response),
    )


def seen(response: Response) -> str:
    """Return what a view of the host app says that it has read."""
    with contextlib.suppress(ValueError, TypeError, LookupError):
        found = response.json()
        return f"{found['bytes']} bytes with the sha256 {found['sha256'][:12]}…"
    return str(response)


@harden("", share=0.3)
@given(body=sent_bodies, way_number=picks, terminated=st.booleans())
@example(body=Body("json", b'{"a": 1}'), way_number=3, terminated=False)
def test_unread_body(
    requestchecksum: Harness, body: Body, way_number: int, terminated: bool
) -> None:
    """Bytes that the view left unread are included in the checksum, or there is an error.

    `request.files` reads nothing of a JSON body, and `request.get_json` nothing of a form. The
    hash of the part that was read looks like any other and says nothing about the message.

    Source: beyond the chapter; it protects a comparison from the hash of a partial body.

    Usual cause: the hash is used as it is once the view has read what it needs; nothing reads the
    stream to the end first.
    """
    if body.kind not in requestchecksum.kinds:
        return
    ways = requestchecksum.careless_ways(body.kind)
    request = requestchecksum.request(body, requestchecksum.choose(ways, way_number=way_number))
    if terminated:
        request = requestchecksum.terminated(request)
    answer = requestchecksum.ask(request)
    expect_right(
        requestchecksum,
        answer,
        body.data,
        instead=", or an error",
        allowed=answer.refusal is not None or answer.refused,
    )


@harden("", share=0.3)
@given(
    data=bodies(min_size=1, max_size=50),
    kind=kinds,
    way_number=picks,
    length=st.sampled_from([None, "-1", "abc", "1e3", "+5"]),
)
@example(data=b"abc", kind="binary", way_number=0, length="abc")
def test_not_empty_hash(
    requestchecksum: Harness, data: bytes, kind: Kind, way_number: int, length: str | None
) -> None:
    """A nonempty body never gets the hash of zero bytes, even if its Content-Length is invalid.

    Werkzeug presents an empty body if Content-Length is not a number, and development servers
    pass such a header on. Whoever knows the hash of zero bytes could get any body accepted.

    Source: beyond the chapter; it protects a comparison from a well-known hash.

    Usual cause: an empty stream is taken for an empty body.
    """
    if kind not in requestchecksum.kinds:
        return
    ways = [*requestchecksum.ways(kind), *requestchecksum.careless_ways(kind)]
    request = requestchecksum.request(
        Body(kind, data), requestchecksum.choose(ways, way_number=way_number)
    )
    # A request over a socket has its body's length.
    if length is not None and requestchecksum.in_process:
        request = dataclasses.replace(request, environ={"CONTENT_LENGTH": length})
    answer = requestchecksum.ask(request)
    if answer.checksum is not None:
        expect(
            answer.checksum != requestchecksum.hash_of(b"", answer.algorithm),
            f"the checksum of {spread(data)}, or an error",
            f"{answer.checksum}, that of no bytes",
        )


#: What code that runs before the view may do with a request.
TOUCHES: dict[str, Callable[[], object]] = {
    "request.form": lambda: len(flask.request.form),
    "request.files": lambda: len(flask.request.files),
    "request.values": lambda: len(flask.request.values),
    "request.data": lambda: len(flask.request.data),
    "request.get_data()": lambda: len(flask.request.get_data()),
    "request.get_data(cache=False)": lambda: len(flask.request.get_data(cache=False)),
    "request.get_json(silent=True)": lambda: flask.request.get_json(silent=True),
    "request.stream.read(5)": lambda: flask.request.stream.read(5),
}


@harden("", share=0.3)
@given(body=sent_bodies, touch=st.sampled_from(sorted(TOUCHES)), way_number=picks)
@example(body=Body("form", b"a=1"), touch="request.form", way_number=0)
def test_installed_early(requestchecksum: Harness, body: Body, touch: str, way_number: int) -> None:
    """If something has already read the body, the checksum is right or there is an error.

    A before-request function that reads the form, such as a CSRF check or a logger, is written
    without the checksum in mind. After it, a wrapper around `wsgi.input` sees no bytes.

    Source: beyond the chapter; it protects the checksum from hooks that read the body first.

    Usual cause: the view wraps the stream without checking whether the request has already opened
    it; a middleware would run before every hook.
    """
    if body.kind not in requestchecksum.kinds:
        return
    way = a_way(requestchecksum, body.kind, way_number)
    answer = requestchecksum.ask_after(requestchecksum.request(body, way), TOUCHES[touch])
    expect_right(
        requestchecksum,
        answer,
        body.data,
        instead=f", or an error because {touch} came first",
        allowed=answer.loud,
    )


@should("", share=0.3)
@given(body=sent_bodies, way_number=picks, sizes=chunk_sizes())
@example(body=Body("binary", b"abcdef"), way_number=0, sizes=[2])
def test_chunked(requestchecksum: Harness, body: Body, way_number: int, sizes: list[int]) -> None:
    """A chunked body has the right checksum, or is rejected with a 4xx such as 411.

    A streaming client does not know the length. Servers declare in the environ that they detect
    the end of the body.

    Source: RFC 9112 section 7.1: the chunked coding frames a body of unknown length.

    Usual cause: the wrapper's `read` requires a size.
    """
    if body.kind not in requestchecksum.kinds:
        return
    way = a_way(requestchecksum, body.kind, way_number)
    request = requestchecksum.request(body, way, chunked=sizes)
    answer = requestchecksum.ask(request)
    plain = requestchecksum.request(body, way)
    expect_right(
        requestchecksum,
        answer,
        body.data,
        instead=", or a 4xx",
        allowed=answer.refused,
        why=lambda: _not_chunked(requestchecksum, answer, plain, body.data),
    )


def _not_chunked(harness: Harness, answer: Answer, plain: Request, data: bytes) -> str:
    """Return what a body in chunks lacks, compared with the same body with a Content-Length."""
    told = right_with(harness, plain, data, "with a Content-Length")
    sum_of = answer.checksum
    none = sum_of is not None and sum_of == harness.hash_of(b"", answer.algorithm)
    return told and told.rstrip(".") + (
        ": only as many bytes are read as Content-Length says, and in chunks none" if none else ""
    )


@should("", share=0.3)
@given(body=sent_bodies, way_number=picks)
@example(body=Body("form", b"a=1"), way_number=0)
def test_real_server(requestchecksum: Harness, body: Body, way_number: int) -> None:
    """Behind a server that terminates the input itself, the checksum is still right.

    gunicorn and waitress set `wsgi.input_terminated` for every request. Werkzeug then reads the
    server's stream directly to its end, without a size. The development server does not, so the
    docs' own code fails only in production.

    Source: PEP 3333: the size of `read` on the input stream is optional.

    Usual cause: the `read` of the wrapper requires a size.
    """
    if body.kind not in requestchecksum.kinds:
        return
    way = a_way(requestchecksum, body.kind, way_number)
    plain = requestchecksum.request(body, way)
    answer = requestchecksum.ask(requestchecksum.terminated(plain))

    def why() -> str:
        if not requestchecksum.in_process:
            return ""
        return right_with(requestchecksum, plain, body.data, "without wsgi.input_terminated")

    expect_right(requestchecksum, answer, body.data, why=why)


def of_size(kind: Kind, size: int) -> Body:
    """Return a valid body of a kind with exactly `size` bytes, or a few more."""
    filler = b"a" * size
    data: dict[Kind, bytes] = {
        "json": b'"' + filler[2:] + b'"',
        "form": b"a=" + filler[2:],
        "multipart": multipart([("field", filler[120:].decode())], []),
        "binary": filler,
        "text": filler,
    }
    return Body(kind, data[kind])


@harden("", gates=[Gate("werkzeug", "<2.3", "its MAX_CONTENT_LENGTH limits forms only")], share=0.3)
@given(
    kind=kinds,
    size=st.integers(2, 3 * LIMIT),
    way_number=picks,
    chunks=st.none() | chunk_sizes(),
)
@example(kind="binary", size=LIMIT + 1, way_number=0, chunks=None)
@example(kind="binary", size=3 * LIMIT, way_number=0, chunks=[300])
@example(kind="binary", size=LIMIT + 1, way_number=0, chunks=[300])
def test_size_limit(
    requestchecksum: Harness, kind: Kind, size: int, way_number: int, chunks: list[int] | None
) -> None:
    """A body over the size limit is rejected with 413, and no part of it yields a checksum.

    MAX_CONTENT_LENGTH applies to a checksummed body like any other. A chunked body does not
    announce its length: Werkzeug truncates it at the limit, and the hash of that part looks like
    any other.

    Source: beyond the chapter; it protects the limit from bodies that do not announce their
    length.

    Usual cause: the server's stream is read directly instead of through the request, which knows
    the limit; or a stream truncated at the limit is taken for a complete one.
    """
    if kind not in requestchecksum.kinds:
        return
    body = of_size(kind, size)
    way = a_way(requestchecksum, kind, way_number)
    request = requestchecksum.request(body, way, chunked=chunks or False)
    requestchecksum.ledger.note(f"an app with MAX_CONTENT_LENGTH = {LIMIT}")
    answer = requestchecksum.ask(request, requestchecksum.client(requestchecksum.limited_app))
    excess = len(body.data) - LIMIT
    if excess > 0 and chunks is None:
        expect(
            answer.response.status == 413 or (answer.refused and answer.response.error),
            f"413 for {spread(body.data)} with a limit of {LIMIT}",
            answer,
        )
    else:
        # If a chunked body has exactly the allowed size, Werkzeug cannot see that it has ended.
        may_refuse = excess > 0 or (excess == 0 and chunks is not None)
        expect_right(
            requestchecksum,
            answer,
            body.data,
            instead=f", or 413 above {LIMIT} bytes",
            allowed=may_refuse and answer.refused,
        )


#: What can happen to a body between two programs.
damages = st.sampled_from(["cut", "flip", "drop", "insert", "twice"])


@harden("", share=0.3)
@given(
    body=frail_bodies,
    way_number=picks,
    damage=damages,
    place=st.integers(0, 500),
    byte=st.binary(min_size=1, max_size=1),
)
@example(body=Body("json", b'{"a": 1}'), way_number=0, damage="cut", place=4, byte=b"x")
@example(
    body=Body("multipart", f"--{BOUNDARY}\r\n\r\nx".encode()),
    way_number=0,
    damage="cut",
    place=400,
    byte=b"x",
)
def test_malformed(
    requestchecksum: Harness, body: Body, way_number: int, damage: str, place: int, byte: bytes
) -> None:
    """A body that cannot be parsed still has the right checksum, or is rejected with a 4xx.

    Source: beyond the chapter; it protects a comparison from bodies that cannot be parsed.

    Usual cause: the checksum covers what the parser understood, or a parsing error leaves the
    rest unread.
    """
    if body.kind not in requestchecksum.kinds:
        return
    data = body.data
    place = place % (len(data) + 1)
    data = {
        "cut": data[:place],
        "flip": data[:place] + byte + data[place + 1 :],
        "drop": data[:place] + data[place + 3 :],
        "insert": data[:place] + byte * 3 + data[place:],
        "twice": data + data[place:],
    }[damage]
    damaged = Body(body.kind, data)
    request = requestchecksum.request(damaged, a_way(requestchecksum, body.kind, way_number))
    answer = requestchecksum.ask(request)
    expect_right(requestchecksum, answer, data, instead=", or a 4xx", allowed=answer.refused)


@should("", share=0.3)
@given(
    body=sent_bodies.filter(lambda body: body.data),
    wrong=st.sampled_from(["absent", "other", "flipped", "short", "text"]),
    place=st.integers(0, 500),
    text=st.text(st.characters(min_codepoint=33, max_codepoint=255), max_size=30),
)
@example(body=Body("json", b"{}"), wrong="text", place=0, text="é")
@example(body=Body("json", b"{}"), wrong="text", place=0, text="")
@example(body=Body("binary", b"abc"), wrong="flipped", place=0, text="")
def test_mismatch_rejected(
    requestchecksum: Harness, body: Body, wrong: str, place: int, text: str
) -> None:
    """A request with a wrong, missing or malformed checksum gets a 4xx and changes nothing.

    Source: introduction: some APIs require the checksum; RFC 9530 section 1: it serves to detect
    changed content; section 2: Content-Digest covers the content with its coding, such as gzip.

    Usual cause: a missing header skips the check, a non-ASCII value makes the comparison raise,
    or the check comes after the work; or the hash is that of a body that was unpacked before.
    """
    requestchecksum.need("verified")
    routes = RequestChecksumRoutes.of(requestchecksum)
    if body.kind not in requestchecksum.kinds:
        return
    right = requestchecksum.header_for(body.data)
    place %= len(body.data)
    flipped = bytearray(body.data)
    flipped[place] ^= 1
    value = {
        "absent": None,
        "other": requestchecksum.header_for(bytes(flipped)),
        "flipped": right,
        "short": right[: place % len(right)].strip(),
        "text": text.strip(),
    }[wrong]
    sent = Body(body.kind, bytes(flipped)) if wrong == "flipped" else body
    client = requestchecksum.client()
    before = requestchecksum.stored()
    refused = client.send(routes.signed(sent, value))
    expect(
        400 <= refused.status < 500,
        f"a 4xx, as {requestchecksum.binding.header} is {value!r} and not {right!r}"
        if wrong != "flipped"
        else f"a 4xx, as {requestchecksum.binding.header} is the checksum of another body",
        refused,
    )
    expect(
        requestchecksum.stored() == before,
        "the stored data to be unchanged",
        "the request was stored",
    )
    if wrong != "flipped":
        return
    taken = client.send(routes.signed(body, right))
    # This clause does not judge a damaged form or JSON value; these bodies are intact.
    expect(taken.status < 400, f"the body to be accepted with {right!r}", taken)
    if before is not None and requestchecksum.stored() == before and body.kind == "binary":
        longer = Body("binary", body.data + b"x")
        client.send(routes.signed(longer, requestchecksum.header_for(longer.data)))
        if requestchecksum.stored() == before:
            raise requestchecksum.broken("stored", "no request that is accepted changes it")
    if body.kind == "binary" and requestchecksum.binding.header.lower() == "content-digest":
        packed = gzip.compress(body.data, mtime=0)
        digest = requestchecksum.header_for(packed)
        request = routes.signed(Body("binary", packed), digest)
        coded = dataclasses.replace(
            request, headers=(*request.headers, ("Content-Encoding", "gzip"))
        )
        plain, answer = client.send(request), client.send(coded)
        expect(
            answer.status < 400 or answer.status == 415 or plain.status >= 400,
            f"a body with Content-Encoding: gzip to be accepted with {digest!r}, which is that of "
            "the bytes sent, or a 415",
            answer,
        )


@harden("")
def test_constant_time(requestchecksum: Harness) -> None:
    """The client's checksum is compared in constant time.

    `==` stops at the first difference. If the checksum is keyed, the response time reveals how
    much of a guess was right.

    Source: beyond the chapter; it protects a keyed checksum from being guessed by response times.

    Usual cause: `==` instead of `hmac.compare_digest`.
    """
    requestchecksum.need("verified")
    routes = RequestChecksumRoutes.of(requestchecksum)
    kind = requestchecksum.binding.kinds[0]
    body = {"json": b"{}", "form": b"a=1", "multipart": multipart([("a", "1")], [])}.get(kind, b"a")
    with requestchecksum.comparisons() as found:
        for signed in (body, body + b" "):
            value = requestchecksum.header_for(signed)
            request = routes.signed(Body(kind, body), value)
            requestchecksum.client().send(requestchecksum.watched(request, found))
    expect(
        not found.plain,
        "hmac.compare_digest or an equivalent",
        f"== with the value of {requestchecksum.binding.header}",
    )
    if not found.constant:
        raise Untested("could not see how the checksum is compared")


@harden("")
def test_strong_hash(requestchecksum: Harness) -> None:
    """The hash is collision-resistant: SHA-256 or stronger.

    Two bodies with the same MD5 or SHA-1 can be constructed; a checksum is often trusted with
    more than accidents.

    Source: beyond the chapter; it protects those who rely on the hash for more than accidents.

    Usual cause: `hashlib.sha1` was copied from the docs.
    """
    kind = requestchecksum.kinds[0]
    way = requestchecksum.ways(kind)[-1]
    content = b"{}" if kind == "json" else b""
    answer = requestchecksum.ask(requestchecksum.request(Body(kind, content), way))
    name = answer.algorithm.removeprefix("hmac-").lower()
    size = len(answer.checksum or "") * 4
    if name.startswith("shake"):
        size //= 2
    expect(
        name not in ("md5", "sha1", "md4", "ripemd160") and size >= 224,
        "SHA-256 or stronger",
        f"{answer.algorithm or 'a hash without a name'} of {size} bits",
    )


class Meeting(io.BytesIO):
    """A body that pauses its reader before the second half until all other readers are there."""

    def __init__(self, data: bytes, barrier: threading.Barrier) -> None:
        super().__init__(data)
        self.half = len(data) // 2
        self.barrier = barrier

    def _meet(self) -> None:
        if self.barrier is not None and self.tell() >= self.half:
            # An app may handle one request at a time: then no other reader arrives.
            with contextlib.suppress(threading.BrokenBarrierError):
                self.barrier.wait(1)
            self.barrier = None  # type: ignore[assignment]

    def read(self, size: int | None = -1, /) -> bytes:
        """Read at most the first half at once."""
        self._meet()
        if self.barrier is None or (size is not None and 0 <= size <= self.half):
            return super().read(size)
        first = super().read(self.half)
        if size is not None and size >= 0:
            return first
        self._meet()
        return first + super().read()

    def readinto(self, buffer: Any, /) -> int:
        """Fill the buffer as `read` would."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


@must("", share=0.1)
@given(datas=st.lists(bodies(min_size=2, max_size=300), min_size=3, max_size=5, unique=True))
def test_per_request(requestchecksum: Harness, datas: list[bytes]) -> None:
    """Requests that are read concurrently each get their own checksum.

    Source: introduction: the checksum of the incoming request.

    Usual cause: one hash object for all requests, or one stored on a module or class where the
    next request replaces it.
    """
    kind: Kind = "binary"
    sent = [Body(kind, data) for data in datas]
    if kind not in requestchecksum.kinds:
        kind = requestchecksum.kinds[0]
        sent = [of_size(kind, 200 + number) for number in range(len(datas))]
    barrier = threading.Barrier(len(sent))

    def request(body: Body) -> Request:
        environ = {"wsgi.input": Meeting(body.data, barrier)} if requestchecksum.in_process else {}
        return requestchecksum.request(body, requestchecksum.ways(kind)[0], environ=environ)

    requests = [request(body) for body in sent]
    requestchecksum.ledger.note(f"{len(sent)} requests at once, each held amid its body:")
    answers = together(
        *[partial(requestchecksum.ask, each, requestchecksum.client()) for each in requests]
    )
    for body, answer in zip(sent, answers, strict=True):
        alone = requestchecksum.request(body, requestchecksum.ways(kind)[0])
        expect_right(
            requestchecksum,
            answer,
            body.data,
            why=partial(right_with, requestchecksum, alone, body.data, "sent alone"),
        )


@harden("", share=0.3)
@given(
    data=bodies(min_size=2, max_size=60),
    kind=kinds,
    way_number=picks,
    size=st.integers(1, 9),
    chunked=st.booleans(),
)
@example(data=b"0123456789", kind="binary", way_number=0, size=4, chunked=True)
@example(data=b"0123456789", kind="binary", way_number=0, size=4, chunked=False)
@example(data=b"0123456789", kind="json", way_number=1, size=1, chunked=True)
def test_short_reads(
    requestchecksum: Harness, data: bytes, kind: Kind, way_number: int, size: int, chunked: bool
) -> None:
    """When the server's stream returns fewer bytes than requested, the rest still counts.

    A socket returns what has arrived so far; only an empty read is the end.

    Source: goes beyond the chapter; Python's `io.RawIOBase.read`: it may return fewer bytes than
    requested, and `b""` is the end of the stream.

    Usual cause: a loop that ends with the first block that is not full.
    """
    requestchecksum.only_wsgi("replaces the application's input stream")
    if kind not in requestchecksum.kinds:
        return
    ways = [*requestchecksum.careless_ways(kind), *requestchecksum.ways(kind)]
    pieces = tuple(data[start : start + size] for start in range(0, len(data), size))
    body, way = Body(kind, data), requestchecksum.choose(ways, way_number=way_number)
    # Without the buffer that a server may put around it.
    environ: dict[str, object] = {"wsgi.input": Chunks(pieces)}
    sent = requestchecksum.request(body, way, chunked=[size] if chunked else False)
    whole = requestchecksum.ask(sent)
    if not is_right(requestchecksum, whole, data):
        return  # other clauses report a checksum that is wrong even for complete reads
    requestchecksum.ledger.note(f"wsgi.input returns at most {spread(bytes(size))} per read:")
    answer = requestchecksum.ask(dataclasses.replace(sent, environ=environ))
    expect_right(
        requestchecksum,
        answer,
        data,
        instead=f", or an error, when `wsgi.input` returns at most {spread(bytes(size))} per read",
        allowed=answer.loud,
        why=lambda: (
            "reading stops at the first read that returns fewer bytes than it asked for, "
            "and what comes after it is not hashed"
            if answer.checksum == requestchecksum.hash_of(data[:size], answer.algorithm)
            else ""
        ),
    )


#: The size of a large upload, and how much of it may be in memory at a time.
LARGE = 12 * 1024 * 1024
HELD = LARGE // 3


@harden("")
def test_streaming_memory(requestchecksum: Harness) -> None:
    """A large upload is hashed without being held in memory.

    Source: beyond the chapter; it protects memory from large uploads.

    Usual cause: the view hashes `request.get_data()`, which holds the whole body.
    """
    requestchecksum.only_wsgi("generates a large body as it is read, and measures memory")
    large: list[tuple[Kind, str]] = [("multipart", "files"), ("binary", "pieces")]
    asked = [(kind, way) for kind, way in large if kind in requestchecksum.kinds]
    if not asked:
        raise Untested.for_keys("requestchecksum", "kinds", hint=": multipart or binary among them")
    for kind, way in asked:
        head, tail = b"", b""
        if kind == "multipart":
            head, _, tail = multipart([], [("file", Upload("a", b"|"))]).partition(b"|")
        body = Generated(head, LARGE, tail)
        environ = {"wsgi.input": body, "CONTENT_LENGTH": str(body.size)}
        request = requestchecksum.request(Body(kind, b""), way, environ=environ)
        with measured() as peak:
            answer = requestchecksum.ask(request)

        def why(kind: Kind = kind, way: str = way, head: bytes = head, tail: bytes = tail) -> str:
            holders: list[str] = []
            body = Generated(head, LARGE, tail, lambda: holders.append(most_held()))
            parts = {"wsgi.input": body, "CONTENT_LENGTH": str(body.size)}
            with measured():
                requestchecksum.ask(requestchecksum.request(Body(kind, b""), way, environ=parts))
            return f"most of it is allocated at {holders[0]}." if holders else ""

        if answer.response.status == 413:
            raise Untested(f"the app rejects a body of {body.size} bytes")
        expect_right(requestchecksum, answer, head + bytes(LARGE) + tail)
        if peak[0] >= HELD:
            raise Deviation(
                f"less than {HELD // 2**20} MiB in use for an upload of {LARGE // 2**20} MiB",
                f"{peak[0] // 2**20} MiB",
                why(),
            )


def most_held() -> str:
    """Return the line that allocated most of what is in memory at the moment."""
    frame = tracemalloc.take_snapshot().statistics("lineno")[0].traceback[0]
    return str(Location.of(frame.filename, frame.lineno))


@contextlib.contextmanager
def measured() -> Iterator[list[int]]:
    """Record, after the block, the peak of the bytes in use that were not in use before."""
    peak: list[int] = []
    running = tracemalloc.is_tracing()
    if not running:
        tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        yield peak
        peak.append(tracemalloc.get_traced_memory()[1] - before)
    finally:
        if not running:
            tracemalloc.stop()


@harden("", share=0.3)
@given(
    body=frail_bodies,
    way_number=picks,
    missing=st.integers(1, 500),
    terminated=st.booleans(),
)
@example(body=Body("binary", b"abc"), way_number=0, missing=1, terminated=True)
def test_disconnect(
    requestchecksum: Harness, body: Body, way_number: int, missing: int, terminated: bool
) -> None:
    """A body that ends before its announced length is rejected with a 4xx and has no checksum.

    Source: beyond the chapter; it protects a comparison from half a body.

    Usual cause: behind a server that terminates the input nothing counts the bytes, so an aborted
    upload looks complete.
    """
    if body.kind not in requestchecksum.kinds:
        return
    way = a_way(requestchecksum, body.kind, way_number)
    announced = len(body.data) + missing
    request = requestchecksum.request(body, way, content_length=announced)
    plain = request
    if terminated:
        request = requestchecksum.terminated(request)
    answer = requestchecksum.ask(request)
    if answer.refused:
        return
    cause = ""
    if terminated and requestchecksum.in_process:
        requestchecksum.ledger.note("the same without wsgi.input_terminated:")
        if requestchecksum.ask(plain).refused:
            cause = "without wsgi.input_terminated the same request is rejected."
    right = is_right(requestchecksum, answer, body.data)
    raise Deviation(
        f"a 4xx and no checksum for {spread(body.data)} when {announced} were announced",
        f"{answer}" + (f", the checksum of the {spread(body.data)}" if right else ""),
        cause,
    )
