"""Checksums of bodies, each with one believable mistake."""

from __future__ import annotations

import base64
import dataclasses
import gzip
import hashlib
import hmac
import io
import json
from collections.abc import Callable
from types import FunctionType
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode

import flask

import reference
import reference.requestchecksum
from conformance import Subject
from reference.requestchecksum import Checksum, ChecksumStream, generate_checksum
from tests.proof import mutant


def component(function: Any) -> Subject:
    return Subject(patterns={"requestchecksum": {"generate_checksum": function}})


def using(**parts: Any) -> Subject:
    """The reference's function, made of other parts."""
    names = {**vars(reference.requestchecksum), **parts}
    return component(FunctionType(generate_checksum.__code__, names))


def before(change: Callable[[flask.Request], object]) -> Subject:
    """The reference's function, after something has been done to the request."""

    def changed(request: flask.Request) -> Any:
        change(request)
        return generate_checksum(request)

    return component(changed)


def view(endpoint: str, function: Callable[[], Any]) -> Subject:
    """The reference's routes, one of them with another view."""

    def create_app(config: Any = None) -> flask.Flask:
        app = reference.create_app(config)
        app.view_functions[f"requestchecksum.{endpoint}"] = function
        return app

    binding = {
        "route": {"method": "POST", "path": "/requestchecksum/"},
        "algorithm": "sha256",
        "json_field": "checksum",
        "verified": {"method": "POST", "path": "/requestchecksum/messages"},
        "header_value": "sha-256=:{base64}:",
        "stored": "/requestchecksum/messages",
    }
    return Subject(app=create_app, patterns={"requestchecksum": binding})


@mutant("equals-hash", says="70000", also=["streaming-memory"])
def first_block_only() -> Subject:
    """Only the first 64 KiB are hashed, to save time."""

    class FirstBlock(ChecksumStream):
        def readinto(self, buffer: Any) -> int:
            kept = self.hash.copy()
            start = self.size
            size = super().readinto(buffer)
            self.hash = kept
            self.hash.update(buffer[: max(0, min(size, 2**16 - start))])
            return size

    return using(ChecksumStream=FirstBlock)


@mutant("all-body-kinds", says="fields, written anew, b'a=1&a=2&b=+'", also=["malformed"])
def fields_written_anew() -> Subject:
    """A form is hashed as its fields, written anew."""

    def checksum() -> Any:
        found = generate_checksum(flask.request)
        if flask.request.mimetype == "application/x-www-form-urlencoded":
            data = flask.request.get_data()
            fields = parse_qsl(data.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
            written = urlencode(fields, encoding="latin-1").encode() or data
            found.checked.hash = hashlib.sha256(written)
        return {"checksum": found.hexdigest()}

    return view("checksum", checksum)


@mutant("any-consumption", says="the calls up to stream.readlines() have returned 13")
def lines_not_hashed() -> Subject:
    """`readlines` is passed on to the server's stream, past the hash."""

    class Lines(ChecksumStream):
        def readlines(self, hint: int | None = -1, /) -> list[bytes]:
            return self.stream.readlines(hint or -1)

    return using(ChecksumStream=Lines)


@mutant("stream-methods", says="it lacks readlines, __iter__")
def two_methods() -> Subject:
    """The stream has what Werkzeug's parsers call, and nothing else."""

    class Two:
        def __init__(self, *given: Any) -> None:
            self._stream = ChecksumStream(*given)

        def __getattr__(self, name: str) -> Any:
            if name in ("readlines", "__iter__"):
                raise AttributeError(name)
            return getattr(self._stream, name)

    return using(ChecksumStream=Two)


@mutant("transparent", says="what it reads without a checksum")
def form_logged() -> Subject:
    """The form is looked at for a log, so that the view's `get_data` finds the body used up."""

    def logged(request: flask.Request) -> Any:
        found = generate_checksum(request)
        flask.current_app.logger.debug("fields: %s", list(request.form))
        return found

    return component(logged)


@mutant("unread-body", says=", that of no bytes",
        also=["not-empty-hash", "size-limit"])  # fmt: skip
def not_drained() -> Subject:
    """The hash is given as it stands, as in the docs."""

    class AsItStands(Checksum):
        def digest(self) -> bytes:
            return self.checked.hash.digest()

    return using(Checksum=AsItStands)


@mutant("not-empty-hash", says="that of no bytes")
def nonsense_length_is_none() -> Subject:
    """A Content-Length that is no number counts as no body."""

    def change(request: flask.Request) -> None:
        if not request.environ.get("CONTENT_LENGTH", "0").isdecimal():
            request.environ["CONTENT_LENGTH"] = "0"

    return before(change)


@mutant("installed-early", says="or an error because request.form came first")
def wraps_too_late() -> Subject:
    """`wsgi.input` is wrapped although the request has opened it."""

    def late(request: flask.Request) -> Any:
        if "stream" not in vars(request):
            return generate_checksum(request)
        checked = ChecksumStream(request.environ["wsgi.input"], None, None)
        request.environ["wsgi.input"] = checked
        return Checksum(checked, request.stream)

    return component(late)


@mutant(
    "chunked",
    says="with a Content-Length gets the right checksum",
    also=["any-consumption", "size-limit"],
)
def announced_bytes_only() -> Subject:
    """As many bytes are read as the request announces: of a chunked body none."""

    def change(request: flask.Request) -> None:
        if "HTTP_TRANSFER_ENCODING" in request.environ:
            request.environ["CONTENT_LENGTH"] = "0"
            del request.environ["wsgi.input_terminated"]
            del request.environ["HTTP_TRANSFER_ENCODING"]

    return before(change)


@mutant(
    "real-server",
    says="positional argument: 'size'",
    also=["chunked", "transparent", "any-consumption", "disconnect"],
)
def read_wants_a_size() -> Subject:
    """`read` has a parameter without a default, as in the docs."""

    class Sized(ChecksumStream):
        def read(self, size: int) -> bytes:  # type: ignore[override]
            return super().read(size) or b""

    return using(ChecksumStream=Sized)


@mutant("size-limit", says="or 413 above 1000 bytes")
def cut_off_is_read() -> Subject:
    """A stream that has given as much as the limit allows counts as read."""

    class Unlimited(ChecksumStream):
        def __init__(self, stream: Any, length: int | None, limit: int | None) -> None:
            super().__init__(stream, length, None)

    class UpToTheLimit(Checksum):
        def digest(self) -> bytes:
            if flask.current_app.config["MAX_CONTENT_LENGTH"] == self.checked.size:
                return self.checked.hash.digest()
            return super().digest()

    return using(ChecksumStream=Unlimited, Checksum=UpToTheLimit)


@mutant("malformed", says="or a 4xx")
def parses_by_hand() -> Subject:
    """The view parses JSON itself, and an error there is one of the server."""

    def checksum() -> Any:
        found = generate_checksum(flask.request)
        data = flask.request.get_data() if flask.request.is_json else b"null"
        answer = {"checksum": found.hexdigest()}
        json.loads(data)
        return answer

    return view("checksum", checksum)


def receiving(accepts: Callable[[str | None, str], bool]) -> Subject:
    """The reference's verifying view, with another comparison."""

    def receive() -> Any:
        found = generate_checksum(flask.request)
        message = flask.request.get_data()
        wanted = f"sha-256=:{base64.b64encode(found.digest()).decode()}:"
        if not accepts(flask.request.headers.get("Content-Digest"), wanted):
            flask.abort(400)
        flask.current_app.extensions["requestchecksum"].append(len(message))
        return "", 204

    return view("receive", receive)


@mutant("mismatch-rejected", says="a 4xx, as Content-Digest is 'é'")
def not_ascii_raises() -> Subject:
    """`compare_digest` is given text, and raises for what is not ASCII."""
    return receiving(lambda given, wanted: hmac.compare_digest(given or "", wanted))


@mutant("mismatch-rejected", says="a 4xx, as Content-Digest is None")
def missing_header_accepted() -> Subject:
    """The check is made only where the header is there."""
    return receiving(
        lambda given, wanted: given is None or hmac.compare_digest(given.encode(), wanted.encode())
    )


@mutant("mismatch-rejected", says="the stored data to be unchanged")
def stored_before_the_check() -> Subject:
    """The message is stored, and then its checksum is looked at."""

    def accepts(given: str | None, wanted: str) -> bool:
        right = hmac.compare_digest((given or "").encode(), wanted.encode())
        if not right:
            flask.current_app.extensions["requestchecksum"].append(0)
        return right

    return receiving(accepts)


class Inflate:
    """Unpacks what clients have compressed, before any view."""

    def __init__(self, wsgi_app: Any) -> None:
        self.wsgi_app = wsgi_app

    def __call__(self, environ: Any, start_response: Any) -> Any:
        if environ.get("HTTP_CONTENT_ENCODING") == "gzip":
            data = gzip.decompress(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
            environ["wsgi.input"] = io.BytesIO(data)
            environ["CONTENT_LENGTH"] = str(len(data))
        return self.wsgi_app(environ, start_response)


@mutant("mismatch-rejected", says="a body with Content-Encoding: gzip")
def unpacked_before_it_is_hashed() -> Subject:
    """A middleware unpacks bodies, and the checksum is that of what it has unpacked."""

    def create_app(config: Any = None) -> flask.Flask:
        app = reference.create_app(config)
        app.wsgi_app = Inflate(app.wsgi_app)  # type: ignore[method-assign]
        return app

    return dataclasses.replace(receiving(_same), app=create_app)


def _same(given: str | None, wanted: str) -> bool:
    return hmac.compare_digest((given or "").encode(), wanted.encode())


@mutant("constant-time", says="== with the value of Content-Digest")
def plain_equality() -> Subject:
    """The checksums are compared with `==`."""
    return receiving(lambda given, wanted: given == wanted)


@mutant("constant-time", says="== with the value of Content-Digest")
def plain_equality_of_a_part() -> Subject:
    """The prefix is cut off, and what is left compared with `==`, as bytes."""

    def accepts(given: str | None, wanted: str) -> bool:
        value = (given or "").strip().removeprefix("sha-256=").encode()
        return value == wanted.removeprefix("sha-256=").encode()

    return receiving(accepts)


@mutant("strong-hash", says="sha1 of 160 bits")
def sha1() -> Subject:
    """The docs' SHA-1."""

    class Sha1(ChecksumStream):
        def __init__(self, stream: Any, length: int | None, limit: int | None) -> None:
            super().__init__(stream, length, limit)
            self.hash = hashlib.sha1()

    return using(ChecksumStream=Sha1)


@mutant("per-request", says="sent alone gets the right checksum")
def hash_on_the_class() -> Subject:
    """The hash of the current request is kept on the class."""

    class Current(ChecksumStream):
        current: ClassVar[Any] = None

        def __setattr__(self, name: str, value: Any) -> None:
            if name == "hash":
                Current.current = value
            else:
                super().__setattr__(name, value)

        def __getattr__(self, name: str) -> Any:
            return Current.current if name == "hash" else getattr(self.stream, name)

    return using(ChecksumStream=Current)


@mutant("streaming-memory", says="most of it is allocated at tests/mutants/requestchecksum.py")
def keeps_the_body() -> Subject:
    """What was read is kept, to be hashed at the end."""

    class Kept(ChecksumStream):
        def __init__(self, stream: Any, length: int | None, limit: int | None) -> None:
            super().__init__(stream, length, limit)
            self.kept = io.BytesIO()

        def readinto(self, buffer: Any) -> int:
            size = super().readinto(buffer)
            self.kept.write(buffer[:size])
            return size

    return using(ChecksumStream=Kept)


@mutant("disconnect", says="a 4xx and no checksum for 3 bytes")
def bytes_not_counted() -> Subject:
    """Nothing compares what came with the announced length."""

    class Uncounted(ChecksumStream):
        def __init__(self, stream: Any, length: int | None, limit: int | None) -> None:
            super().__init__(stream, None, limit)

    return using(ChecksumStream=Uncounted)


@mutant("short-reads", says="that of the first 4")
def full_blocks_only() -> Subject:
    """What is left unread is read in blocks, up to the first that is not full."""

    class Blocks(Checksum):
        def digest(self) -> bytes:
            while len(self.rest.read(1024)) == 1024:
                pass
            return self.checked.hash.digest()

    return using(Checksum=Blocks)
