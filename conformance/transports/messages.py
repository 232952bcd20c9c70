"""Requests and responses as they are on the wire, whatever the transport."""

from __future__ import annotations

import dataclasses
import hashlib
import html
import json as json_module
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Protocol
from urllib.parse import SplitResult, quote, urlencode

from ..core.told import Raised

Pairs = Sequence[tuple[str, str]]
Fields = Mapping[str, Any] | Sequence[tuple[str, Any]]
WSGIApp = Callable[..., Iterable[bytes]]

#: The redirect statuses of the Fetch standard; browsers follow no other, whatever its Location.
REDIRECTS = frozenset({301, 302, 303, 307, 308})

#: A body longer than this many bytes counts as endless.
LONGEST_BODY = 128 * 1024 * 1024

#: A longer request body, in bytes, is at most announced but never generated: reading, framing and
#: sending it takes several copies.
LONGEST_SENT = 32 * 1024 * 1024

#: The boundary of every multipart body that the kit writes.
BOUNDARY = "conformance-7d1b3c9e5f2a4860"

#: The header that tells concurrent requests apart; reports leave it out.
MARK = "X-Conformance-Request"

#: A number that replaced `{n}` in a route; they have this many digits.
_NUMBER = re.compile(r"(?<!\d)\d{9,10}(?!\d)")

#: What a page's reader does not see, and the tags around the rest.
_UNSEEN = re.compile(r"(?is)<(script|style|template)\b.*?</\1\s*>|<!--.*?-->|<!doctype[^>]*>")
_TAG = re.compile(r"<[^>]*>")

#: Media types whose bytes tell a reader nothing.
_BINARY = ("image/", "audio/", "video/", "font/", "application/zip", "application/pdf")


def safe_path(path: str) -> str:
    """Percent-encode text for a path, keeping slashes."""
    return quote(path, safe="/~!$&'()*+,;=:@")


def path_of(address: SplitResult) -> str:
    """Return the path and the query of a URL, as on a request line."""
    return address.path + (f"?{address.query}" if address.query else "")


@dataclasses.dataclass(frozen=True)
class Upload:
    """A file part of a multipart body, named as a browser would name it."""

    filename: str | None
    content: bytes = b""
    content_type: str | None = "application/octet-stream"


@dataclasses.dataclass(frozen=True)
class Request:
    """An HTTP request.

    `target` is what is on the request line, already encoded. `body` is sent with a Content-Length
    unless `chunks` is given, which is sent with chunked transfer coding. `content_length`
    announces a length other than the body's. `environ` sets WSGI variables directly, which only
    the in-process transport can do.
    """

    method: str = "GET"
    target: str = "/"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    chunks: tuple[bytes, ...] | None = None
    content_length: int | None = None
    host: str | None = "localhost"
    environ: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @classmethod
    def build(
        cls,
        method: str = "GET",
        target: str = "/",
        *,
        query: Fields | None = None,
        form: Fields | None = None,
        files: Fields | None = None,
        json: Any = None,
        data: bytes | None = None,
        content_type: str | None = None,
        headers: Mapping[str, str] | Pairs = (),
        chunked: bool | Sequence[int] = False,
        **other: Any,
    ) -> Request:
        """Build a request from its parts as a person would describe them.

        `form` alone is urlencoded; with `files` (field to `Upload`) it is multipart. `chunked`
        sends the body with chunked transfer coding: `True` in two chunks, or in chunks of the
        given sizes plus one for the rest.
        """
        pairs = list(headers.items() if isinstance(headers, Mapping) else headers)
        if query:
            target += ("&" if "?" in target else "?") + urlencode(_items(query))
        body = data or b""
        if files is not None:
            body = multipart(_items(form or ()), _items(files))
            content_type = content_type or f"multipart/form-data; boundary={BOUNDARY}"
        elif form is not None:
            body = urlencode(_items(form)).encode("ascii")
            content_type = content_type or "application/x-www-form-urlencoded"
        elif json is not None:
            body = json_module.dumps(json).encode("ascii")
            content_type = content_type or "application/json"
        if content_type is not None:
            pairs.append(("Content-Type", content_type))
        chunks = None
        if chunked:
            chunks = tuple(_split(body, chunked))
            body = b""
        return cls(method, target, tuple(pairs), body, chunks, **other)

    @property
    def payload(self) -> bytes:
        """The body's bytes, however they are transferred."""
        return self.body if self.chunks is None else b"".join(self.chunks)

    def with_headers(self, *headers: tuple[str, str]) -> Request:
        """Return the same request with additional headers."""
        return dataclasses.replace(self, headers=self.headers + headers)

    def _shown_headers(self) -> Iterator[tuple[str, str]]:
        return ((name, value) for name, value in self.headers if name != MARK)

    @property
    def name(self) -> str:
        """The method and the path, without the query."""
        return f"{self.method} {self.target.partition('?')[0]}"

    def identity(self) -> str:
        """Return what two equivalent requests have in common: everything that is not new each time.

        Cookies, and the numbers for `{n}` in a route, are new each time.
        """
        headers = [pair for pair in self._shown_headers() if pair[0].lower() != "cookie"]
        body = self.payload if len(self.payload) < 2000 else hashlib.sha256(self.payload).digest()
        sizes = self.chunks and [len(chunk) for chunk in self.chunks]
        asked = (self.method, self.target, self.host, headers, sizes, self.content_length, body)
        return _NUMBER.sub("{n}", repr(asked))

    def curl(self, base_url: str = "http://localhost:5000", jar: str = "") -> str:
        """Return a command line that sends this request.

        With a `jar`, curl keeps its cookies in that file, and the request's are left out.
        """
        words = ["curl", "-i"]
        if jar:
            words += ["-b", jar, "-c", jar]
        if self.method == "HEAD":
            words.append("--head")
        elif not (self.method == "GET" and not self.payload):
            words += ["-X", self.method]
        if "/." in self.target or "//" in self.target:
            words.append("--path-as-is")
        if self.host is None:
            words += ["--http1.0", "-H", "Host:"]
        elif self.host != "localhost":
            words += ["-H", f"Host: {self.host}"]
        if self.payload and not any(name.lower() == "content-type" for name, _ in self.headers):
            # Otherwise curl sends the type of a form.
            words += ["-H", "Content-Type:"]
        for name, value in self._shown_headers():
            if not (jar and name.lower() == "cookie"):
                words += ["-H", f"{name}: {value}" if value else f"{name};"]
        if self.chunks is not None:
            words += ["-H", "Transfer-Encoding: chunked"]
        if self.content_length is not None:
            words += ["-H", f"Content-Length: {self.content_length}"]
        words.append(base_url + self.target)
        line = " ".join(_shell_word(word) for word in words)
        if payload := self.payload:
            # An @ after `--data-binary` would name a file.
            option = "--data-raw" if payload.startswith(b"@") else "--data-binary"
            line += f" {option} {_shell_bytes(payload)}"
        return line

    def __str__(self) -> str:
        text = f"{self.method} {self.target}"
        if self.host != "localhost":
            text += f" (Host: {self.host})" if self.host is not None else " (no Host header)"
        for name, value in self._shown_headers():
            if name.lower() == "cookie":
                value = "; ".join(_shortened(pair) for pair in value.split("; "))
            shown = value if len(value) <= 100 else value[:100] + "…"
            text += f" [{name}: {shown}]"
        if self.payload:
            shown_body = repr(self.payload[:60])[1:] + ("…" if len(self.payload) > 60 else "")
            text += f" body={shown_body}"
            if self.chunks is not None:
                text += f" in {len(self.chunks)} chunks"
        return text


@dataclasses.dataclass(frozen=True)
class Response:
    """An HTTP response; `error` is what an in-process subject raised instead."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    request: Request = dataclasses.field(default_factory=Request)
    error: BaseException | None = None
    #: Whether the connection ended before the body did (real servers only).
    truncated: bool = False
    #: What an in-process subject raised before responding with its own 500 page.
    handled: str = dataclasses.field(default="", compare=False)
    #: What an in-process subject raised, handled or not, and where.
    raised: Raised | None = dataclasses.field(default=None, compare=False)

    def header(self, name: str) -> str | None:
        """Return the first value of a header, or None."""
        values = self.header_values(name)
        return values[0] if values else None

    def header_values(self, name: str) -> list[str]:
        """Return every value of a header, in order."""
        name = name.lower()
        return [value for key, value in self.headers if key.lower() == name]

    def header_tokens(self, name: str) -> set[str]:
        """Return the comma-separated members of a header, in lower case."""
        values = ",".join(self.header_values(name))
        return {token.strip().lower() for token in values.split(",") if token.strip()}

    @property
    def location(self) -> str | None:
        """The Location header."""
        return self.header("Location")

    @property
    def is_redirect(self) -> bool:
        """Whether this is a response that browsers follow: a redirect status with a Location."""
        return self.status in REDIRECTS and self.location is not None

    @property
    def mimetype(self) -> str:
        """The Content-Type without its parameters, in lower case."""
        return (self.header("Content-Type") or "").split(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as UTF-8 text."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Parse the body as JSON; raises ValueError if it is not JSON."""
        return json_module.loads(self.body)

    def __str__(self) -> str:
        text = str(self.status)
        if self.error is not None:
            told = str(self.error).strip().partition("\n")[0]
            text += f" ({type(self.error).__name__}: {told[:200]})"
        elif self.handled:
            text += f" ({self.handled})"
        if self.location is not None:
            text += f" [Location: {self.location}]"
        if self.body and self.error is None:
            text += f" {len(self.body)} bytes"
            if self.mimetype.startswith(_BINARY):
                return f"{text} of {self.mimetype}"
            if self.mimetype == "text/html" and (shown := _visible(self.body)):
                # A redirect's page only repeats where it leads.
                return (
                    text
                    if self.is_redirect
                    else f"{text} of HTML {shown[:80]!r}" + ("…" if len(shown) > 80 else "")
                )
            text += f" {self.body[:80]!r}" + ("…" if len(self.body) > 80 else "")
        return text


def _visible(body: bytes) -> str:
    """Return what a page shows at its beginning, the title first."""
    text = _UNSEEN.sub(" ", body[:20_000].decode("utf-8", "replace"))
    return " ".join(html.unescape(_TAG.sub(" ", text)).split())


class Stream(Protocol):
    """A response whose body has not been read yet."""

    status: int
    headers: tuple[tuple[str, str], ...]

    def __iter__(self) -> Iterator[bytes]: ...

    def __next__(self) -> bytes:
        """Return the next piece as it arrives; raises what broke the stream."""

    def close(self) -> None:
        """Disconnect, whether or not the body has ended."""

    def __enter__(self) -> Stream: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def multipart(form: Pairs, files: Sequence[tuple[str, Any]]) -> bytes:
    """Return a multipart/form-data body as browsers write it, with `BOUNDARY`."""
    out = bytearray()
    for name, value in form:
        out += _part_head(name, None, None) + str(value).encode("utf-8", "surrogatepass")
        out += b"\r\n"
    for name, upload in files:
        out += _part_head(name, upload.filename, upload.content_type) + upload.content + b"\r\n"
    return bytes(out) + f"--{BOUNDARY}--\r\n".encode("ascii")


def _part_head(name: str, filename: str | None, content_type: str | None) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{_quoted(name)}"'
    if filename is not None:
        head += f'; filename="{_quoted(filename)}"'
    if content_type is not None:
        head += f"\r\nContent-Type: {content_type}"
    return (head + "\r\n\r\n").encode("utf-8", "surrogatepass")


def _quoted(text: str) -> str:
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _items(fields: Fields) -> list[tuple[str, Any]]:
    return list(fields.items() if isinstance(fields, Mapping) else fields)


def _split(body: bytes, sizes: bool | Sequence[int]) -> Iterator[bytes]:
    if isinstance(sizes, bool):
        sizes = [len(body) // 2]
    start = 0
    for size in sizes:
        if piece := body[start : start + size]:
            yield piece
        start += size
    if rest := body[start:]:
        yield rest


def _shortened(cookie: str) -> str:
    """Return a cookie with the start of its value: the rest of a signed one tells nothing."""
    name, equals, value = cookie.partition("=")
    return cookie if len(value) <= 24 else f"{name}{equals}{value[:8]}…"


def _shell_word(word: str) -> str:
    if word.isprintable():
        return shlex.quote(word)
    return _shell_bytes(word.encode("utf-8", "surrogateescape"))


def _shell_bytes(data: bytes) -> str:
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError:
        pass
    else:
        if text.isprintable():
            return shlex.quote(text)
    escaped = "".join(
        chr(byte) if 32 <= byte < 127 and chr(byte) not in "'\\" else f"\\x{byte:02x}"
        for byte in data
    )
    return f"$'{escaped}'"
