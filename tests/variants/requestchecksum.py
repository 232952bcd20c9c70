"""Checksums of bodies, done right in other ways than the reference's."""

from __future__ import annotations

import hashlib
import hmac
import tempfile
from collections.abc import Iterator
from typing import Any

import flask
from werkzeug.exceptions import BadRequest, ClientDisconnected, RequestEntityTooLarge
from werkzeug.utils import cached_property

from conformance import Subject
from reference import requestchecksum as right
from tests.proof import variant


@variant
def spooled_before_the_view() -> Subject:
    """The body is read into a temporary file first, and the plain hash object is whole at once."""

    class Spool(tempfile.SpooledTemporaryFile[bytes]):
        def __del__(self) -> None:
            self.close()

    def generate_checksum(request: flask.Request) -> Any:
        environ = request.environ
        if "stream" in vars(request):
            raise RuntimeError("too late: the request is open")
        if environ.get("HTTP_TRANSFER_ENCODING"):
            length = None
            if not environ.get("wsgi.input_terminated"):
                flask.abort(411)
        else:
            try:
                length = int(environ.get("CONTENT_LENGTH") or 0)
            except ValueError:
                raise BadRequest("Content-Length is no number") from None
            if length < 0 or environ.get("CONTENT_LENGTH", "").startswith("+"):
                raise BadRequest("Content-Length is no length")
        limit = request.max_content_length
        found = hashlib.sha3_256()
        spool = Spool(max_size=2**16)
        size = 0
        while length is None or size < length:
            wanted = 2**16 if length is None else min(2**16, length - size)
            if not (piece := environ["wsgi.input"].read(wanted)):
                break
            size += len(piece)
            if limit is not None and size > limit:
                raise RequestEntityTooLarge
            found.update(piece)
            spool.write(piece)
        if length is not None and size < length:
            raise ClientDisconnected
        spool.seek(0)
        environ["wsgi.input"] = spool
        return found

    return Subject(patterns={"requestchecksum": {"generate_checksum": generate_checksum}})


@variant
def request_stream_replaced() -> Subject:
    """The request's own stream is replaced, by one that stays silent until all has been read."""

    class Counting:
        def __init__(self, request: flask.Request, stream: Any, length: int | None) -> None:
            self.limit = request.max_content_length
            self.stream, self.length, self.size = stream, length, 0
            self.hash = hashlib.blake2b()
            self.ended = False
            self.name = self.hash.name

        def seen(self, data: bytes) -> bytes:
            self.size += len(data)
            self.hash.update(data)
            if self.limit is not None and self.size > self.limit:
                raise RequestEntityTooLarge
            return data

        def read(self, size: int | None = -1) -> bytes:
            if size is None or size < 0:
                return b"".join(iter(lambda: self.read(4096), b""))
            data = self.seen(self.stream.read(size))
            self.ended = self.ended or (size > 0 and not data)
            if size > 0 and not data and self.length is not None and self.size < self.length:
                raise ClientDisconnected
            return data

        def readline(self, size: int | None = -1) -> bytes:
            return self.seen(self.stream.readline(-1 if size is None else size))

        def __iter__(self) -> Iterator[bytes]:
            return iter(self.readline, b"")

        def readlines(self, hint: int = -1) -> list[bytes]:
            return list(self)

        def hexdigest(self) -> str:
            if self.length is not None and self.size >= self.length:
                return self.hash.hexdigest()
            if not self.ended and self.read(1):
                raise RuntimeError("the body has not been read to its end")
            return self.hash.hexdigest()

    def generate_checksum(request: flask.Request) -> Any:
        if "stream" in vars(request):
            raise RuntimeError("too late: the request is open")
        announced = request.headers.get("Content-Length")
        chunked = "Transfer-Encoding" in request.headers
        if chunked and "wsgi.input_terminated" not in request.environ:
            flask.abort(411)
        if not chunked and announced and not announced.isdigit():
            flask.abort(400)
        length = None if chunked or not announced else int(announced)
        counting = Counting(request, request.stream, length)
        # Through the proxy, as an assignment to the proxy's own name would not last.
        vars(request)["stream"] = counting
        return counting

    return Subject(patterns={"requestchecksum": {"generate_checksum": generate_checksum}})


@variant
def wsgi_middleware() -> Subject:
    """A middleware hashes `wsgi.input` for every request, so that no hook comes before it."""

    class Input:
        def __init__(self, stream: Any) -> None:
            self.stream, self.hash, self.size = stream, hashlib.sha512(), 0

        def seen(self, data: bytes) -> bytes:
            self.hash.update(data)
            self.size += len(data)
            return data

        def read(self, *size: Any) -> bytes:
            return self.seen(self.stream.read(*size))

        def readline(self, *size: Any) -> bytes:
            return self.seen(self.stream.readline(*size))

        def readlines(self, *hint: Any) -> list[bytes]:
            return [self.seen(line) for line in self.stream.readlines(*hint)]

        def __iter__(self) -> Iterator[bytes]:
            return map(self.seen, self.stream)

    def create_app() -> flask.Flask:
        app = flask.Flask("api")
        wsgi_app = app.wsgi_app

        def middleware(environ: dict[str, Any], start_response: Any) -> Any:
            length = environ.get("CONTENT_LENGTH") or "0"
            chunked = "HTTP_TRANSFER_ENCODING" in environ
            if not length.isdecimal() or (chunked and "wsgi.input_terminated" not in environ):
                start_response("411 Length Required", [("Content-Type", "text/plain")])
                return [b"a length, please"]
            environ["wsgi.input"] = environ["api.input"] = Input(environ["wsgi.input"])
            return wsgi_app(environ, start_response)

        app.wsgi_app = middleware  # type: ignore[method-assign]

        def whole() -> Any:
            found = flask.request.environ["api.input"]
            announced = flask.request.content_length
            # An early hook may have had all of it: then the stream is at its end.
            limit = flask.request.max_content_length
            if flask.request.environ.get("wsgi.input_terminated"):
                while found.read(2**14):
                    if limit is not None and found.size > limit:
                        break
            else:
                while flask.request.stream.read(2**14):
                    pass
            if limit is not None and found.size > limit:
                flask.abort(413)
            if announced is not None and found.size < announced:
                flask.abort(400)
            return found.hash

        @app.put("/objects/<name>")
        def put(name: str) -> flask.Response:
            flask.request.files.get("file")
            response = flask.Response(status=201)
            response.headers["X-Checksum"] = whole().hexdigest().upper()
            return response

        objects: list[int] = []

        @app.post("/objects")
        def post() -> Any:
            wanted = flask.request.headers.get("X-Checksum", type=bytes.fromhex) or b""
            if not hmac.compare_digest(wanted, whole().digest()):
                return "mismatch", 422
            objects.append(1)
            return "taken"

        @app.get("/objects")
        def count() -> str:
            return f"{len(objects)} objects"

        return app

    binding = {
        "route": {"method": "PUT", "path": "/objects/1"},
        "algorithm": "sha512",
        "answer_header": "X-Checksum",
        "verified": {"method": "POST", "path": "/objects"},
        "header": "X-Checksum",
        "stored": "/objects",
    }
    return Subject(app=create_app, patterns={"requestchecksum": binding})


@variant
def signed_webhook() -> Subject:
    """A request class keeps the JSON body of a webhook, signed with a key that both sides know."""
    secret = b"webhook secret"

    class SignedRequest(flask.Request):
        @cached_property
        def signature(self) -> str:
            data = self.get_data(parse_form_data=False)
            chunked = self.headers.get("Transfer-Encoding")
            announced = self.headers.get("Content-Length", "0")
            if chunked and not self.environ.get("wsgi.input_terminated"):
                flask.abort(411)
            limit = self.max_content_length
            if limit is not None and len(data) >= limit and chunked:
                flask.abort(413)
            if not chunked and announced != str(len(data)):
                flask.abort(400)
            return hmac.new(secret, data, "sha256").hexdigest()

    def create_app() -> flask.Flask:
        app = flask.Flask("hooks")
        app.request_class = SignedRequest

        @app.before_request
        def check() -> Any:
            request = flask.request
            assert isinstance(request._get_current_object(), SignedRequest)  # type: ignore[attr-defined]
            if request.path == "/debug":
                return f"signature: {request.signature}"  # type: ignore[attr-defined]
            signature = request.headers.get("X-Hub-Signature-256", "")
            wanted = f"sha256={request.signature}"  # type: ignore[attr-defined]
            if not signature.isascii() or not hmac.compare_digest(signature, wanted):
                flask.abort(403)
            return None

        @app.post("/hook")
        def hook() -> Any:
            return {"got": flask.request.get_json()}

        app.add_url_rule("/debug", "debug", lambda: "", methods=["POST"])
        return app

    binding = {
        "route": {"method": "POST", "path": "/debug"},
        "algorithm": "sha256",
        "secret": secret.decode(),
        "kinds": ["json"],
        "verified": {"method": "POST", "path": "/hook"},
        "header": "X-Hub-Signature-256",
        "header_value": "sha256={hex}",
    }
    return Subject(app=create_app, patterns={"requestchecksum": binding})


@variant
def ended_by_a_method() -> Subject:
    """What counts the body gives the hash object only when it is told that the view is done."""

    class Counting:
        def __init__(self, found: right.Checksum) -> None:
            self._found = found

        def finish(self) -> Any:
            self._found.digest()
            return self._found.checked.hash

    def begin(request: flask.Request) -> Counting:
        return Counting(right.generate_checksum(request))

    binding = {"generate_checksum": begin, "finish": "finish"}
    return Subject(patterns={"requestchecksum": binding})
