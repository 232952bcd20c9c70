"""Request content checksums.

The body is hashed while it is read, so that it need not be held in memory and can
still be parsed as a form, as files or as JSON. The checksum is asked for when the
body has been used; what nothing has read by then is read for it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
from typing import IO, Any

from flask import Blueprint, Flask, Request, abort, current_app, request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

bp = Blueprint("requestchecksum", __name__, url_prefix="/requestchecksum")


class ChecksumStream(io.RawIOBase):
    """Passes a body on, and hashes each byte on its way.

    Every other way to read, by lines or to the end, comes down to `readinto`.
    """

    def __init__(self, stream: IO[bytes], length: int | None, limit: int | None) -> None:
        self.stream = stream
        self.length = length
        self.limit = limit
        self.size = 0
        self.hash = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.stream.read(len(buffer))
        self.size += len(data)
        if self.limit is not None and self.size > self.limit:
            raise RequestEntityTooLarge
        if not data and len(buffer) > 0 and self.length is not None and self.size < self.length:
            raise ClientDisconnected
        self.hash.update(data)
        buffer[: len(data)] = data
        return len(data)


class Checksum:
    """The hash of a whole body, whether or not something has read it."""

    def __init__(self, checked: ChecksumStream, rest: IO[bytes]) -> None:
        self.checked = checked
        self.rest = rest
        self.name = checked.hash.name

    def digest(self) -> bytes:
        while self.rest.read(64 * 1024):
            pass
        return self.checked.hash.digest()

    def hexdigest(self) -> str:
        return self.digest().hex()


def generate_checksum(request: Request) -> Checksum:
    """Hash the request's body from now on; comes before anything that reads it."""
    if "stream" in vars(request):
        raise RuntimeError("the body has been touched before generate_checksum(request)")

    environ = request.environ
    terminated = environ.get("wsgi.input_terminated", False)
    announced = environ.get("CONTENT_LENGTH") or None
    if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        announced = None
        if not terminated:
            # Werkzeug cannot tell where the body ends, and would show an empty one.
            abort(411)
    elif announced is not None and not announced.isdecimal():
        abort(400)

    length = None if announced is None else int(announced)
    checked = ChecksumStream(environ["wsgi.input"], length, request.max_content_length)
    environ["wsgi.input"] = checked
    # Werkzeug's stream knows where the body ends if the server does not.
    rest = request.stream
    return Checksum(checked, checked if terminated else rest)  # type: ignore[arg-type]


@bp.post("/")
def checksum() -> dict[str, Any]:
    """Say what the body's checksum is, and which fields and files came with it."""
    found = generate_checksum(request)
    names = sorted({*request.form, *request.files})
    return {"names": names, "checksum": found.hexdigest()}


@bp.post("/messages")
def receive() -> tuple[str, int]:
    """Take a message only if it is what the client says in a Content-Digest header."""
    found = generate_checksum(request)
    message = request.get_data()
    wanted = f"sha-256=:{base64.b64encode(found.digest()).decode()}:"
    # As bytes: text that is not ASCII cannot be compared in constant time.
    if not hmac.compare_digest(request.headers.get("Content-Digest", "").encode(), wanted.encode()):
        abort(400, "the Content-Digest is missing or not that of the body")
    current_app.extensions["requestchecksum"].append(len(message))
    return "", 204


@bp.get("/messages")
def messages() -> list[int]:
    """List the sizes of the messages that were taken."""
    taken: list[int] = current_app.extensions["requestchecksum"]
    return taken


def init_app(app: Flask) -> None:
    """Register the routes, and make room for the messages."""
    app.extensions["requestchecksum"] = []
    app.register_blueprint(bp)
