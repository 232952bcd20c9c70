"""Request Content Checksums: the body is hashed as it is read, by whatever reads it."""

from __future__ import annotations

import abc
import base64
import contextlib
import dataclasses
import functools
import hashlib
import hmac
import io
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, cast, get_args

import flask
from pydantic import field_validator
from werkzeug.exceptions import HTTPException

from ..core.errors import Deviation
from ..subject.config import Binding, Component, Route
from ..transports import Client, Request, Response, WSGIApp
from ..transports.messages import BOUNDARY
from ..transports.wsgi import make_environ
from . import Pattern
from .harness import Ability, Harness, Probe

Kind = Literal["json", "form", "multipart", "binary", "text"]

#: The kinds of body, by how a view reads them.
KINDS: tuple[Kind, ...] = get_args(Kind)

CONTENT_TYPES: dict[Kind, str] = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "multipart": f"multipart/form-data; boundary={BOUNDARY}",
    "binary": "application/octet-stream",
    "text": "text/plain; charset=utf-8",
}

#: The size limit that a clause sets, in bytes.
LIMIT = 1000


class RequestChecksum(Binding):
    """How a subject exposes checksums of request bodies."""

    generate_checksum: Component = None
    """The function, called with `(request)` in a view; returns a hash object."""
    finish: str | None = None
    """The method of that function's result that completes the checksum, called with `()` once the
    view has used the body; it returns the hash object, or None if that is the same object."""
    route: Route | None = None
    """A route that answers a POST with the checksum of its body, in hexadecimal digits."""
    algorithm: str | None = None
    """The hash, by its name in `hashlib`; a component's hash object may state it as its `name`."""
    secret: str | None = None
    """The key, if the checksum is an HMAC."""
    json_field: str | None = None
    """The field of the JSON response that has the checksum; by default it is in the body."""
    answer_header: str | None = None
    """The response header that has the checksum."""
    kinds: tuple[Kind, ...] = KINDS
    """The kinds of body that the routes accept."""
    verified: Route | None = None
    """A route that accepts a POST only with the right checksum in a request header."""
    header: str = "Content-Digest"
    """The request header that `verified` reads."""
    header_value: str = "{hex}"
    """The value of that header: the checksum replaces `{hex}` and `{base64}`."""
    stored: Route | None = None
    """A page that changes when `verified` accepts a body."""

    @field_validator("algorithm")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value is not None and value not in hashlib.algorithms_available:
            raise ValueError("hashlib has no such algorithm")
        return value


@dataclasses.dataclass(frozen=True)
class Body:
    """A request body and its kind."""

    kind: Kind
    data: bytes

    @property
    def content_type(self) -> str:
        """The media type to announce."""
        return CONTENT_TYPES[self.kind]


@dataclasses.dataclass(frozen=True)
class Answer:
    """The subject's answer to a body."""

    response: Response
    #: The checksum in lower case hexadecimal digits; None if the answer has none.
    checksum: str | None
    #: The name of the hash.
    algorithm: str
    #: What `hexdigest` raised, if that is not an HTTP error.
    refusal: str | None = None

    @property
    def refused(self) -> bool:
        """Whether the request was rejected with a 4xx, or the server closed the connection."""
        gone = isinstance(self.response.error, ConnectionError)
        return self.checksum is None and (400 <= self.response.status < 500 or gone)

    @property
    def loud(self) -> bool:
        """Whether there is an error of any kind instead of a checksum."""
        return self.checksum is None and (self.refusal is not None or self.response.status >= 400)

    def __str__(self) -> str:
        if self.checksum is not None:
            return self.checksum
        if self.refusal is None and self.response.error is not None and self.response.raised:
            return f"no checksum: {self.response.raised}"
        return self.refusal or f"no checksum in {self.response}"


class RequestChecksumHarness(Harness[RequestChecksum], abc.ABC):
    """What the clauses do with checksums, however they are bound."""

    #: The kinds of body that are sent if the whole body is to be read.
    kinds: Sequence[Kind] = KINDS

    def ways(self, kind: Kind) -> Sequence[str]:
        """Return the ways in which a body of a kind can be read to the end."""
        return ("route",)

    def careless_ways(self, kind: Kind) -> Sequence[str]:
        """Return what a view may do that leaves bytes of a kind of body unread."""
        return ("route",)

    @abc.abstractmethod
    def request(self, body: Body, way: str = "route", **parts: object) -> Request:
        """Return a POST of a body to a view that reads it in the given way."""

    @abc.abstractmethod
    def read(self, response: Response) -> Answer:
        """Find the checksum in a response."""

    def ask(self, request: Request, client: Client | None = None) -> Answer:
        """Send a request and find the checksum in its response."""
        return self.read((client or self.client()).send(request))

    def ask_after(self, request: Request, touch: Callable[[], object]) -> Answer:
        """Send a request whose body is touched before any hook of the app runs."""
        response, _ = self.send_and_look(self.client(), request, touch)
        return self.read(response)

    def hash_of(self, data: bytes, algorithm: str) -> str:
        """Return the checksum of some bytes as hashlib computes it."""
        try:
            if self.binding.secret is None and not algorithm.startswith("hmac-"):
                return hashlib.new(algorithm, data).hexdigest()
            key = cast(str, self.need("secret")).encode()
            return hmac.new(key, data, algorithm.removeprefix("hmac-")).hexdigest()
        except (ValueError, TypeError):
            raise Deviation("the name of a hash in hashlib", repr(algorithm)) from None

    def terminated(self, request: Request) -> Request:
        """Return the request as passed on by a server that terminates the input itself.

        gunicorn and waitress always do; in process, the environ says so.
        """
        if not self.in_process:
            return request
        self.ledger.note("the server sets wsgi.input_terminated, as gunicorn and waitress do")
        return dataclasses.replace(request, environ={"wsgi.input_terminated": True})

    @property
    def in_process(self) -> bool:
        """Whether the kit, rather than a server, writes the environ."""
        return self.bench.transport.name == "wsgi"

    @property
    @abc.abstractmethod
    def limited_app(self) -> WSGIApp:
        """The app with `LIMIT` as its MAX_CONTENT_LENGTH."""

    def header_for(self, data: bytes) -> str:
        """Return the verifying route's header value for some bytes."""
        digest = self.hash_of(data, self.need("algorithm"))
        coded = base64.b64encode(bytes.fromhex(digest)).decode()
        return self.binding.header_value.replace("{hex}", digest).replace("{base64}", coded)

    @contextlib.contextmanager
    def comparisons(self) -> Iterator[Comparisons]:
        """Watch how checksums are compared while the block runs."""
        self.only_wsgi("watches a header value inside the application")
        original = hmac.compare_digest
        found = Comparisons()

        def compare(a: bytes, b: bytes) -> bool:
            found.constant += 1
            return original(a, b)

        # In every module, because `from hmac import compare_digest` copies the name.
        places = [
            (module, name)
            for module in list(sys.modules.values())
            for name, value in list(getattr(module, "__dict__", {}).items())
            if value is original
        ]
        for module, name in places:
            setattr(module, name, compare)
        try:
            yield found
        finally:
            for module, name in places:
                setattr(module, name, original)

    def watched(self, request: Request, found: Comparisons) -> Request:
        """Return the request with a verifying header whose value records comparisons."""
        key = "HTTP_" + self.binding.header.upper().replace("-", "_")
        value = dict(request.headers)[self.binding.header]
        return dataclasses.replace(request, environ={key: _watched(str, value, found)})

    def stored(self) -> bytes | None:
        """Return the page that shows what was accepted; None if none is bound."""
        if self.binding.stored is None:
            return None
        return self.send(self.client(), self.binding.stored).body


class RequestChecksumComponent(RequestChecksumHarness, Ability, given_by=("generate_checksum",)):
    """The function in a small host app whose views read the body in many ways."""

    kind = "component"
    keys = ("generate_checksum",)

    def make_app(self) -> WSGIApp:
        """Return the host app with checksums."""
        return host_app(self.component("generate_checksum"), self.binding.finish)

    def ways(self, kind: Kind) -> Sequence[str]:
        """Return the ways to read a body of a kind: its own accessors, and those for every kind."""
        own: dict[Kind, Sequence[str]] = {
            "json": ("json", "property"),
            "form": ("form", "values", "data then form"),
            "multipart": ("files", "form", "data then files"),
            "binary": ("property",),
            "text": ("property",),
        }
        loop = ("iteration",) if "__iter__" in self.methods else ()
        return (*own[kind], "data", "whole", "pieces", "lines", *loop, "readinto")

    @functools.cached_property
    def methods(self) -> frozenset[str]:
        """Those of PEP 3333's input stream that the stream has which replaces the server's."""
        request = Request.build("POST", "/data", environ={"wsgi.input_terminated": True})
        with self.opened(request) as (stream, _):
            return frozenset(name for name in STREAM_METHODS if hasattr(stream, name))

    def careless_ways(self, kind: Kind) -> Sequence[str]:
        """Return the ways that read nothing or little, and the accessors of other kinds."""
        parsed = kind in ("form", "multipart")
        return ("nothing", "some") if parsed else ("nothing", "some", "form", "files")

    def request(self, body: Body, way: str = "data", **parts: Any) -> Request:
        """Return a POST to the view that reads in the given way."""
        target = "/" + way.replace(" ", "-")
        self.ledger.note(f"the view at {target} reads {READ[way]}")
        parts.setdefault("data", body.data)
        return Request.build("POST", target, content_type=body.content_type, **parts)

    def read(self, response: Response) -> Answer:
        """Read what the view reports in headers."""
        return Answer(
            response,
            response.header("X-Seen-Checksum"),
            response.header("X-Seen-Algorithm") or self.binding.algorithm or "",
            response.header("X-Seen-Refusal"),
        )

    def hash_of(self, data: bytes, algorithm: str) -> str:
        """Return the checksum; the binding names the algorithm if the hash object does not."""
        return super().hash_of(data, algorithm or self.need("algorithm"))

    @functools.cached_property
    def limited_app(self) -> WSGIApp:
        """A host app with the limit."""
        app = host_app(self.component("generate_checksum"), self.binding.finish)
        app.config["MAX_CONTENT_LENGTH"] = LIMIT
        return app

    def plain(self) -> Client:
        """Return a client of the host app without checksums, for comparison."""
        return self.client(_PLAIN)

    @contextlib.contextmanager
    def opened(self, request: Request) -> Iterator[tuple[Any, Any]]:
        """Open a request inside the host app, whatever the transport.

        Yields its unread stream and its hash object.
        """
        function = self.component("generate_checksum")
        with self.app.request_context(make_environ(request)):
            found = self.call("generate_checksum(request)", function, flask.request)
            yield flask.request.stream, found


class RequestChecksumRoutes(RequestChecksumHarness, Ability, given_by=("verified",)):
    """Routes of an app that return, or require, the checksum of the body they receive."""

    kind = "routes"
    keys = ("route", "verified")

    @property
    def kinds(self) -> Sequence[Kind]:  # type: ignore[override]
        """The kinds that are bound."""
        return self.binding.kinds

    def _post(self, route: Route, body: Body, parts: dict[str, Any]) -> Request:
        headers = (*route.headers.items(), *parts.pop("headers", ()))
        parts.setdefault("data", body.data)
        return Request.build(
            "POST" if route.method == "GET" else route.method,
            route.path,
            query=route.query,
            content_type=body.content_type,
            headers=headers,
            **parts,
        )

    def request(self, body: Body, way: str = "route", **parts: object) -> Request:
        """Return a POST to the bound route."""
        return self._post(self.need("route"), body, parts)

    def signed(self, body: Body, value: str | None, **parts: object) -> Request:
        """Return a POST to the verifying route, with a value for its header unless that is None."""
        headers = [] if value is None else [(self.binding.header, value)]
        return self._post(self.need("verified"), body, {"headers": headers, **parts})

    def read(self, response: Response) -> Answer:
        """Find as many hexadecimal digits as the hash has, at the place that the binding names."""
        algorithm = cast(str, self.need("algorithm"))
        text = response.text
        if self.binding.answer_header is not None:
            text = response.header(self.binding.answer_header) or ""
        elif self.binding.json_field is not None:
            try:
                text = str(response.json()[self.binding.json_field])
            except (ValueError, LookupError, TypeError):
                text = ""
        length = len(self.hash_of(b"", algorithm))
        found = re.search(rf"(?<![0-9A-Za-z])[0-9A-Fa-f]{{{length}}}(?![0-9A-Za-z])", text)
        good = response.status < 400 and found is not None
        return Answer(response, found[0].lower() if good and found else None, algorithm)

    @functools.cached_property
    def limited_app(self) -> WSGIApp:
        """Another app of the subject, with the limit."""
        return self.bench.build(MAX_CONTENT_LENGTH=LIMIT)

    def probes(self) -> Sequence[Probe]:
        """Request each bound route as the clauses do, and the page as it is."""
        binding = self.binding
        empty = Body(binding.kinds[0] if binding.kinds else "binary", b"")
        found = [
            Probe(key, self._post(route, empty, {}))
            for key, route in (("route", binding.route), ("verified", binding.verified))
            if route is not None
        ]
        if binding.stored is not None:
            found.append(Probe("stored", binding.stored.request()))
        return found


@dataclasses.dataclass
class Comparisons:
    """How often a checksum was compared in constant time, and otherwise."""

    constant: int = 0
    plain: int = 0


def _watched(base: type, value: object, found: Comparisons) -> object:
    """Return text or bytes that record their comparison with anything as long as a hash.

    The results of stripping, slicing or encoding them do so too.
    """

    def compare(name: str) -> Callable[[object, object], object]:
        def comparing(self: object, other: object) -> object:
            if isinstance(other, (str, bytes)) and len(other) >= 16:
                found.plain += 1
            return getattr(base, name)(self, other)

        return comparing

    def pass_on(name: str) -> Callable[..., object]:
        def passing(self: object, *args: object) -> object:
            made = getattr(base, name)(self, *args)
            if isinstance(made, (list, tuple)):
                return type(made)(_watched(type(each), each, found) for each in made)
            return _watched(type(made), made, found)

        return passing

    members: dict[str, object] = {name: compare(name) for name in ("__eq__", "__ne__")}
    members["__hash__"] = base.__hash__
    kept = ("strip", "lower", "upper", "removeprefix", "removesuffix", "partition", "split")
    for name in (*kept, "rpartition", "replace", "__getitem__", "encode", "decode"):
        if hasattr(base, name):
            members[name] = pass_on(name)
    if base in (str, bytes):
        return type(f"Watched{base.__name__}", (base,), members)(value)
    return value


def _contents(data: bytes) -> dict[str, object]:
    # Their hash, as a large body does not belong in a response.
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _in_pieces(read: Callable[[], bytes]) -> dict[str, object]:
    size, seen = 0, hashlib.sha256()
    for piece in iter(read, b""):
        size += len(piece)
        seen.update(piece)
    return {"bytes": size, "sha256": seen.hexdigest()}


def _read_into() -> bytes:
    stream = flask.request.stream
    if not hasattr(stream, "readinto"):
        return stream.read(100)
    buffer = bytearray(100)
    return bytes(buffer[: stream.readinto(buffer) or 0])


def _files() -> object:
    files = flask.request.files.items(multi=True)
    found = []
    for name, file in files:
        found.append([name, file.filename, _in_pieces(lambda file=file: file.read(65536))])  # type: ignore[misc]
        file.close()
    return found


def _form() -> object:
    return list(flask.request.form.items(multi=True))


#: What a server's input stream has, as PEP 3333 lists it.
STREAM_METHODS = ("read", "readline", "readlines", "__iter__")

#: What the views of the host app do with a body, and what they return of it.
WAYS: dict[str, Callable[[], object]] = {
    "nothing": lambda: None,
    "some": lambda: _contents(flask.request.stream.read(3)),
    "form": _form,
    "values": lambda: list(flask.request.values.items(multi=True)),
    "files": lambda: [_files(), _form()],
    "json": lambda: flask.request.get_json(),
    "data": lambda: _contents(flask.request.get_data()),
    "property": lambda: _contents(flask.request.data),
    "data then form": lambda: [_contents(flask.request.get_data()), _form()],
    "data then files": lambda: [_contents(flask.request.get_data()), _files(), _form()],
    "whole": lambda: _contents(flask.request.stream.read()),
    "pieces": lambda: _in_pieces(lambda: flask.request.stream.read(65536)),
    "lines": lambda: _in_pieces(flask.request.stream.readline),
    "iteration": lambda: _contents(b"".join(flask.request.stream)),
    "readinto": lambda: _in_pieces(_read_into),
}


#: What these views read, in words.
READ = {
    "nothing": "nothing of the body",
    "some": "3 bytes of the body",
    "form": "request.form",
    "values": "request.values",
    "files": "request.files, then request.form",
    "json": "request.get_json()",
    "data": "request.get_data()",
    "property": "request.data",
    "data then form": "request.get_data(), then request.form",
    "data then files": "request.get_data(), then request.files and request.form",
    "whole": "request.stream.read()",
    "pieces": "request.stream.read(65536) until the end",
    "lines": "request.stream.readline() until the end",
    "iteration": "request.stream in a loop",
    "readinto": "request.stream.readinto(buffer) until the end",
    "route": "the body in its own way",
}


def finished(found: object, finish: str | None) -> Any:
    """Return the hash object of a checksum, after calling the method that completes it."""
    ended = getattr(found, finish)() if finish else None
    return found if ended is None else ended


def host_app(
    generate_checksum: Callable[[object], object] | None = None, finish: str | None = None
) -> flask.Flask:
    """Return a Flask app with a view for each of `WAYS`.

    Each view requests a checksum first, as the docs do, if there is a function for it.
    """
    app = flask.Flask(__name__)
    app.config["PROPAGATE_EXCEPTIONS"] = True

    def view(way: str) -> flask.Response:
        found = generate_checksum(flask.request) if generate_checksum is not None else None
        seen = WAYS[way.replace("-", " ")]()
        response = flask.Response(json.dumps(seen), mimetype="application/json")
        if found is not None:
            _tell(response, found, finish)
        return response

    app.add_url_rule("/<way>", "view", view, methods=["POST"])
    return app


def _tell(response: flask.Response, found: Any, finish: str | None) -> None:
    try:
        found = finished(found, finish)
        response.headers["X-Seen-Checksum"] = found.hexdigest().lower()
    except HTTPException:
        raise
    except Exception as error:
        reason = f"hexdigest() raised {type(error).__name__}: {error}"
        response.headers["X-Seen-Refusal"] = " ".join(reason.split())
    response.headers["X-Seen-Algorithm"] = getattr(found, "name", "")


_PLAIN = host_app()


class Generated(io.RawIOBase):
    """A body generated as it is read: a head, zeros and a tail.

    Calls `late`, once, when most of it has been read.
    """

    def __init__(
        self, head: bytes, zeros: int, tail: bytes, late: Callable[[], None] | None = None
    ) -> None:
        self._late = late
        self._parts = [(head, 1), (bytes(1024), zeros // 1024), (tail, 1)]
        self._left = b""
        self.size = self._unread = sum(len(part) * times for part, times in self._parts)

    def readable(self) -> bool:
        """Return True: it can always be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer; return 0 at the end."""
        while len(self._left) < len(buffer) and self._parts:
            part, times = self._parts.pop(0)
            now = min(times, 1 + (len(buffer) - len(self._left)) // max(1, len(part)))
            self._left += part * now
            if now < times:
                self._parts.insert(0, (part, times - now))
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        self._unread -= size
        if self._late is not None and self._unread < self.size // 4:
            late, self._late = self._late, None
            late()
        return size


pattern = Pattern(
    slug="requestchecksum",
    title="Request Content Checksums",
    sections={"": "Request Content Checksums"},
    binding=RequestChecksum,
    harnesses=(RequestChecksumComponent, RequestChecksumRoutes),
)
