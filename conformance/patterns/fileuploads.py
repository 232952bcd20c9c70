"""Uploading Files: a form stores a file, and a URL returns it."""

from __future__ import annotations

import contextlib
import dataclasses
import email.message
import gc
import http.client
import itertools
import mimetypes
import os
import re
import secrets
import threading
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urljoin, urlsplit

from pydantic import Field, field_validator

from ..core.errors import Broken, Deviation, Untested
from ..instruments.html import Page
from ..instruments.values import strings
from ..subject.config import Binding, Route, posted
from ..transports import Client, Request, Response, Upload, WSGIApp
from ..transports.messages import LONGEST_SENT, path_of
from . import Pattern
from .harness import Harness, Probe

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from playwright.sync_api import ConsoleMessage
    from playwright.sync_api import Request as PageRequest

    from ..instruments.bench import Bench
    from ..instruments.browser import Tab

#: Media types that a browser executes, or renders with active content.
ACTIVE = {
    "application/javascript",
    "application/x-javascript",
    "application/xhtml+xml",
    "application/xml",
    "text/html",
    "text/javascript",
    "text/xml",
    "image/svg+xml",
}

#: Extensions of files that are harmful, or not wanted, if a server sends them.
UNWANTED = (
    "html", "htm", "xhtml", "shtml", "svg", "xml", "js", "php", "phtml", "py", "cgi", "sh",
    "exe", "bat", "jsp", "asp", "htaccess", "swf", "zip", "so",
)  # fmt: skip

#: The limit that is set for a clause in an app that has one, so that bodies are small.
SMALL_LIMIT = 20_000

#: A folder next to the upload folder whose name starts with the same letters.
SIBLING = "uploads-private"


class FileUploads(Binding):
    """How a subject exposes its uploads."""

    upload: Route | None = None
    """The request that uploads a file; a POST unless the table says otherwise."""
    field: str = "file"
    """The name of the form field that holds the file."""
    extensions: list[str] | None = None
    """The extensions that the app allows, without dots."""
    download: str | None = None
    """Where files are served, with `{name}` for the part that varies: `/uploads/{name}`.

    The upload's response contains that URL: in its Location, its JSON, or a link of the page.
    """
    folder: str | None = None
    """The configuration key of the upload folder; the kit sets a new folder for each app."""
    limit: int | None = None
    """The longest request body in bytes; by default, the app's MAX_CONTENT_LENGTH."""
    samples: dict[str, str] = Field(default_factory=dict)
    """By extension, how a file must begin for an app that checks content, as text or as the path
    of a file; drawn bytes follow it."""
    page: Route | None = None
    """The page with the upload form."""
    progress: str | None = None
    """A CSS selector of the page's progress bar: a progress element or an ARIA progressbar."""

    @field_validator("upload", mode="before")
    @classmethod
    def _post(cls, value: object) -> object:
        return posted(value)

    @field_validator("extensions")
    @classmethod
    def _lower(cls, value: list[str] | None) -> list[str] | None:
        if value == []:
            raise ValueError("an app that allows no extension stores nothing")
        return value and [each.lower().removeprefix(".") for each in value]

    @field_validator("download")
    @classmethod
    def _named(cls, value: str | None) -> str | None:
        if value is not None and (value.count("{name}") != 1 or not value.startswith("/")):
            raise ValueError("it must start with a slash and contain {name} once")
        return value


@dataclasses.dataclass(frozen=True)
class Uploaded:
    """The result of an upload: the response, the download's URL, and the files written."""

    response: Response
    url: str | None
    written: tuple[str, ...]

    @property
    def accepted(self) -> bool:
        """Whether the file was stored, according to the response or the folder."""
        return self.url is not None or bool(self.written)

    @property
    def place(self) -> str:
        """Where the upload is: its URL, or its path if no download is bound."""
        return self.url or ", ".join(self.written) or "nowhere"

    def __str__(self) -> str:
        names = ", ".join(map(os.path.basename, self.written))
        where = [f"at {self.url}"] if self.url else []
        where += [f"as {names}"] if names else []
        return f"{self.response.status}, " + (
            f"stored {' '.join(where)}" if where else "not stored"
        )


@dataclasses.dataclass(frozen=True)
class Moves:
    """Whether a progress bar moved; if not, what was seen and the cause, if that shows."""

    moved: bool
    seen: str = ""
    cause: str = ""


class FileUploadsHarness(Harness[FileUploads]):
    """Uploads like a browser, and looks for the file at its URL and in the folder."""

    kind = "routes"
    keys = ("upload",)

    #: The folders that the clauses watch, and the upload folder inside them.
    root: Path | None = None
    home: Path | None = None

    _config: Mapping[str, object] = {}
    _checked = False
    _stays = False
    _seen: frozenset[str] = frozenset()
    _numbers: Iterator[int]

    def __init__(self, slug: str, binding: FileUploads, bench: Bench) -> None:
        super().__init__(slug, binding, bench)
        self._numbers = itertools.count()
        #: Makes the names of this harness differ from those of earlier ones.
        self.token = secrets.token_hex(3)

    def make_app(self) -> WSGIApp:
        """Create an app that stores into a new folder, three levels below `root`."""
        config = dict(self._config)
        self._checked = False
        if self.binding.folder is not None and self._stays:
            config[self.binding.folder] = str(self.home)
        elif self.binding.folder is not None:
            self.root = self.bench.folder()
            self.home = self.root / "outer" / "inner" / "uploads"
            self.home.mkdir(parents=True)
            config[self.binding.folder] = str(self.home)
        return self.bench.build(**config)

    @property
    def restarts(self) -> bool:
        """Whether the app can be created again in this process."""
        return self.bench.subject.target().factory

    def restart(self) -> None:
        """Create the app again on the same upload folder."""
        self.need("folder")
        self.need_app()
        self._stays = True
        try:
            self.renew()
            self.need_app()
        finally:
            self._stays = False

    def probes(self) -> Sequence[Probe]:
        """Return an upload, and a request for each other route."""
        extension = (self.binding.extensions or ("txt",))[0]
        file = Upload(self.name("probe", extension), self.fresh(extension), None)
        upload = Probe("upload", self.need("upload"), parts={"files": {self.binding.field: file}})
        return [upload, *(probe for probe in super().probes() if probe.key != "upload")]

    # What is sent.

    def extension(self, pick: int = 0) -> str:
        """Return one of the allowed extensions."""
        extensions = cast("list[str]", self.need("extensions"))
        return self.choose(extensions, pick=pick)

    def allows(self, extension: str) -> bool:
        """Check whether an extension is allowed, in any letter case."""
        return extension.lower() in self.need("extensions")

    def content(self, extension: str, drawn: bytes) -> bytes:
        """Return a file's content: the bytes, after the extension's sample if there is one."""
        sample = self.binding.samples.get(extension.lower(), "")
        start = Path(sample).read_bytes() if Path(sample).is_file() else sample.encode()
        return start + drawn

    def fresh(self, extension: str, drawn: bytes = b"") -> bytes:
        """Return content that no other upload of the clause has."""
        return self.content(extension, b"%d:" % next(self._numbers) + drawn)

    def name(self, stem: str, extension: str) -> str:
        """Return a file name that no other upload has, because an app may refuse a taken name.

        If the stem has no ASCII letter, the name has none before its extension either.
        """
        own = f"-{self.token}{next(self._numbers)}"
        if not stem.isascii():
            own = "".join(chr(0x4E00 + ord(char)) for char in own)
        return f"{stem}{own}.{extension}"

    def request(
        self,
        client: Client,
        name: str | None,
        content: bytes,
        *,
        kind: str | None = None,
        **parts: object,
    ) -> Request:
        """Return the request that uploads a file; with None as the name, the field is text.

        `kind` is the media type to declare; by default, the one that matches the name.
        """
        if name is not None and kind is None:
            kind = mimetypes.guess_type(f"_{name}")[0] or "application/octet-stream"
        files = {self.binding.field: Upload(name, content, kind)}
        return self.prepare(client, self.need("upload"), files=files, **parts)

    def upload(self, client: Client, name: str, content: bytes, **parts: Any) -> Uploaded:
        """Upload a file and return the result."""
        return self.deliver(client, self.request(client, name, content, **parts), content)

    def deliver(self, client: Client, request: Request, content: bytes = b"") -> Uploaded:
        """Send an upload request and return the result."""
        if self.binding.download is None and self.binding.folder is None:
            self.need("download")
        before = self.files()
        response = client.send(request)
        written = tuple(path for path, stamp in self.files().items() if before.get(path) != stamp)
        url = self._link(client, response, content)
        # A page whose URL merely fits the pattern does not count: nothing was stored.
        if url and self.binding.folder and not written and self.read(client, url) != content:
            url = None
        return Uploaded(response, url, written)

    def read(self, client: Client, place: str) -> bytes | None:
        """Return the bytes of a stored file by its place, or None if it is not there."""
        if self.binding.download is None:
            path = Path(place)
            return path.read_bytes() if path.is_file() else None
        response = client.follow(client.get(place))
        return response.body if response.status == 200 else None

    def cut_off(self, response: Response) -> bool:
        """Check whether a server closed the connection instead of reading the body."""
        broken = isinstance(response.error, OSError | http.client.HTTPException)
        return broken and self.bench.transport.name != "wsgi"

    # Where files are.

    def files(self) -> dict[str, tuple[int, int, int]]:
        """Return the files in the upload folder, with values that change on writing."""
        if self.binding.folder is None:
            return {}
        app = self.app
        if not self._checked:
            self._checked = True
            with self.aside():
                self._check_folder(app)
        found = {}
        for entry in _walk(str(self.home)):
            # The app may remove a file meanwhile.
            with contextlib.suppress(FileNotFoundError):
                stat = entry.stat(follow_symlinks=False)
                found[entry.path] = stat.st_ino, stat.st_size, stat.st_mtime_ns
        return found

    def _check_folder(self, app: WSGIApp) -> None:
        # If the app ignores the key, every upload looks refused.
        client, extension = self.client(app), self.extension()
        content = self.fresh(extension)
        done = self.upload(client, self.name("plain", extension), content)
        if done.url and not done.written and self.read(client, done.url) == content:
            raise Broken(
                f"folder = {self.binding.folder!r} in [patterns.{self.slug}]: the app does not "
                "store in the folder that this configuration key names when the app is created"
            )

    def _link(self, client: Client, response: Response, content: bytes) -> str | None:
        if self.binding.download is None or response.status >= 400:
            return None
        target = response.request.target
        leads = response.status < 300 or response.is_redirect
        values = [response.location] if leads and response.location else []
        if "json" in response.mimetype:
            with contextlib.suppress(ValueError):
                values += strings(response.json())
        elif response.mimetype == "text/plain":
            values.append(response.text.strip())
        for url in self._fitting(target, values):
            return url
        page = client.follow(response)
        if page.mimetype != "text/html":
            return None
        links = list(dict.fromkeys(self._fitting(page.request.target, Page(page.text).links())))
        new = [url for url in links if url not in self._seen]
        self._seen |= frozenset(links)
        if len(links) == 1 and new:
            return new[0]
        # A page that lists several files: the upload is the link that returns its bytes.
        links.sort(key=lambda url: url not in new)
        return next((url for url in links if self.read(client, url) == content), None)

    def _fitting(self, target: str, values: Iterable[str]) -> Iterator[str]:
        for value in values:
            url = path_of(urlsplit(urljoin(target, value)))
            if self._name_in(url):
                yield url

    def _name_in(self, url: str) -> str | None:
        before, _, after = cast(str, self.need("download")).partition("{name}")
        match = re.fullmatch(f"{re.escape(before)}(.+){re.escape(after)}", url)
        return match and match[1]

    def download_target(self, name: str) -> str:
        """Return the path of a download with this encoded name."""
        return cast(str, self.need("download")).replace("{name}", name)

    def saved_name(self, response: Response, url: str) -> str:
        """Return the name under which a browser saves a download."""
        header = response.header("Content-Disposition") or ""
        message = email.message.Message()
        message["Content-Disposition"] = header
        named = message.get_filename()
        # RFC 6266, 4.3: if both are present, this one wins.
        if extended := re.search(r"filename\*\s*=\s*utf-8'[^']*'([^;\s]+)", header, re.IGNORECASE):
            named = unquote(extended[1])
        return named or unquote(self._name_in(url) or "").rpartition("/")[2]

    # The surroundings of the folder.

    def plant(self, name: str) -> dict[str, bytes | None]:
        """Put a secret file into each folder around the upload folder, and remove anything else.

        Return what `around` then returns.
        """
        self.need("folder")
        self.need_app()  # which creates the folders
        root = cast(Path, self.root)
        beside = f"outer/inner/{SIBLING}"
        wanted: dict[str, bytes | None] = {"outer": None, "outer/inner": None, beside: None}
        for place in ("", "outer/", "outer/inner/", f"{beside}/"):
            wanted[place + name] = f"a secret in {place or 'the root'}".encode()
        there = self.around()
        if there != wanted:
            for place in sorted(there.keys() - wanted.keys(), reverse=True):
                path = root / place
                path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
            (root / beside).mkdir(exist_ok=True)
            for place, content in wanted.items():
                if content is not None:
                    (root / place).write_bytes(content)
        return wanted

    def around(self) -> dict[str, bytes | None]:
        """Return everything around the upload folder: paths with bytes, or None for a folder."""
        root, home = cast(Path, self.root), cast(Path, self.home)
        return {
            path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else None
            for path in root.rglob("*")
            if home != path and home not in path.parents
        }

    # The limit.

    def limited(self) -> int:
        """Return the longest body that the app accepts, after setting a small one if possible.

        Raise `Untested` if no limit is known.
        """
        if self.binding.limit is not None:
            return self.binding.limit
        usual = self.configured_limit()
        if usual is None:
            raise Untested.for_keys(
                self.slug, "limit", hint=", or MAX_CONTENT_LENGTH in the app's configuration"
            )
        if usual > SMALL_LIMIT and self.bench.subject.target().factory:
            self._config = {"MAX_CONTENT_LENGTH": SMALL_LIMIT}
            self.renew()
        return self.configured_limit() or usual

    def too_long(self, length: int) -> bool:
        """Check whether a body is too long to be sent, so that only its length is announced."""
        return length > LONGEST_SENT

    def announce(self, client: Client, name: str, content: bytes, length: int) -> Uploaded:
        """Upload a file with a Content-Length larger than what is sent.

        Raise `Untested` if the app does not refuse it because of its Content-Length.
        """
        done = self.upload(client, name, content, content_length=length)
        if done.response.status != 413 and not self.cut_off(done.response):
            raise Untested(
                f"needs an app that checks Content-Length, or a limit below {LONGEST_SENT} bytes: "
                f"a body of {length} bytes is only announced, and the response is {done.response}"
            )
        return done

    def configured_limit(self) -> int | None:
        """Return the app's MAX_CONTENT_LENGTH."""
        return cast("int | None", self.flask_app.config.get("MAX_CONTENT_LENGTH"))

    def frame(self, client: Client, name: str, start: bytes) -> int:
        """Return the number of bytes in an upload's body apart from the file."""
        return len(self.request(client, name, start).payload) - len(start)

    # The browser.

    def choose_file(self, tab: Tab, name: str, content: bytes) -> None:
        """Choose a file in the open page, and submit its form.

        Raise `Deviation` if the page has no file input.
        """
        inputs = tab.page.locator("input[type=file]")
        if not inputs.count():
            raise Deviation(f"a file input at {tab.path}", "there is none")
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        inputs.first.set_input_files({"name": name, "mimeType": kind, "buffer": content})
        inputs.first.evaluate(_SUBMIT, cast(Route, self.need("upload")).form or {})

    def submit(self, tab: Tab, name: str, content: bytes) -> tuple[Uploaded, str]:
        """Choose a file in the open page and submit its form.

        Return the result, and what in the form keeps the file from arriving, if that shows.
        Raise `Deviation` if the form does not send the bound request.
        """
        from playwright.sync_api import Error
        from playwright.sync_api import TimeoutError as TooLate

        route = cast(Route, self.need("upload"))
        path = route.path.partition("?")[0]
        before = self.files()

        def bound(answer: Any) -> bool:
            asked = answer.request.method, urlsplit(answer.url).path
            return asked == (route.method, path)

        inputs = tab.page.locator("input[type=file]")
        field = inputs.first.get_attribute("name") if inputs.count() else None
        try:
            with tab.page.expect_response(bound, timeout=1000 * PATIENCE) as waiting:
                self.choose_file(tab, name, content)
            answer = waiting.value
        except TooLate:
            sent = ", ".join(tab.requests[1:]) or "nothing"
            raise Deviation(f"the form to send {route.method} {path}", f"it sent {sent}") from None
        headers = tuple((each["name"], each["value"]) for each in answer.headers_array())
        body = b""
        # A browser does not keep the body of a redirect, or of a page that it has left.
        with contextlib.suppress(Error):
            body = answer.body()
        written = tuple(path for path, stamp in self.files().items() if before.get(path) != stamp)
        response = Response(answer.status, headers, body, Request(route.method, route.path))
        kind = answer.request.header_value("Content-Type") or "none"
        kind = kind.partition(";")[0]
        self.ledger.call(
            f"chose {name!r} and submitted the form: Chromium sent {route.method} {path} "
            f"[Content-Type: {kind}] -> {answer.status}"
        )
        cause = ""
        if not field:
            cause = "the page's file input has no name, so that the browser leaves it out"
        elif kind != "multipart/form-data":
            cause = (
                f"the browser sent the form as {kind}, which has the file's name without its bytes"
                ": the form needs enctype=multipart/form-data"
            )
        elif field != self.binding.field:
            cause = f"the page's file input is named {field!r}, the field is {self.binding.field!r}"
        return Uploaded(response, self._link(self.client(), response, content), written), cause

    def watch_bar(self, tab: Tab, path: str, name: str, content: bytes) -> Moves:
        """Upload a file from the page at a path; return whether and how its progress bar moves.

        Raise `Deviation` if the page has no file input.
        """
        from playwright.sync_api import TimeoutError as TooLate

        heard: list[str] = []

        def moved(message: ConsoleMessage) -> bool:
            heard.append(message.text)
            return message.text == _MOVED

        sent: list[str] = []

        def note(request: PageRequest) -> None:
            if f"{request.method} {urlsplit(request.url).path}" == f"{route.method} {target}":
                sent.append(request.resource_type)

        route = cast(Route, self.need("upload"))
        target = route.path.partition("?")[0]

        # The page reports it: while the response to a navigation is pending, Chromium may leave
        # all queries about the page waiting. It uses a function saved before the page's own
        # scripts run, because some of them silence the console.
        tab.page.add_init_script(_LISTENS)
        tab.open(path)
        bar = tab.evaluate(_WATCH, [self.need("progress"), _MOVED])
        tab.page.on("request", note)
        try:
            with tab.page.expect_console_message(moved, timeout=1000 * PATIENCE):
                self.choose_file(tab, name, content)
        except TooLate:
            return Moves(False, *_still(bar, sent, heard, f"{route.method} {target}"))
        return Moves(True)

    @contextlib.contextmanager
    def held(self) -> Iterator[WSGIApp]:
        """Yield the app with its responses to uploads held back until the block ends."""
        self.inside()
        route = cast(Route, self.need("upload"))
        app, gate = self.app, threading.Event()

        def holding(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            answer: Iterable[bytes] = app(environ, start_response)
            if environ["REQUEST_METHOD"] == route.method and environ["PATH_INFO"] == route.path:
                gate.wait()
            return answer

        try:
            yield holding
        finally:
            gate.set()


#: Seconds within which the browser sends a small file over the loopback interface.
PATIENCE = 10.0

_SUBMIT = """(input, fields) => {
  if (!input.form) return;
  for (const [name, value] of Object.entries(fields)) {
    const field = input.form.elements[name];
    if (field && field.type !== "hidden") field.value = value;
  }
  // Later, because Playwright waits for a navigation that an evaluation starts.
  setTimeout(() => input.form.requestSubmit());
}"""

_MOVED = "conformance: the progress bar moved"
_DEAF = "conformance: sent with no listener for progress"

#: Tells of an XMLHttpRequest that is sent with nothing that hears the progress of its upload.
_LISTENS = f"""
window.conformanceTell = console.debug.bind(console);
(() => {{
  const listening = new WeakSet();
  const {{addEventListener}} = EventTarget.prototype, {{send}} = XMLHttpRequest.prototype;
  EventTarget.prototype.addEventListener = function (type, ...rest) {{
    if (type === "progress" && this instanceof XMLHttpRequestUpload) listening.add(this);
    return addEventListener.call(this, type, ...rest);
  }};
  XMLHttpRequest.prototype.send = function (...body) {{
    if (!this.upload.onprogress && !listening.has(this.upload)) conformanceTell("{_DEAF}");
    return send.apply(this, body);
  }};
}})();
"""

_WATCH = """([selector, moved]) => {
  const values = () => {
    const bar = document.querySelector(selector);
    return bar ? [bar.value, bar.getAttribute("aria-valuenow"), bar.style.width] : [];
  };
  const before = values();
  const look = setInterval(() => {
    if (values().some((each, index) => parseFloat(each) > 0 && each !== before[index])) {
      clearInterval(look);
      conformanceTell(moved);
    }
  }, 10);
  return before;
}"""


def _still(
    bar: Sequence[object], sent: Sequence[str], heard: Sequence[str], request: str
) -> tuple[str, str]:
    """Return what a progress bar that did not move did instead, and the cause if that shows."""
    if not bar:
        return "no element of the page matches it", ""
    value = next((each for each in bar if each not in (None, "")), None)
    stays = "it has no value" if value is None else f"it stayed at {value}"
    if not sent:
        return f"{stays}: the page did not send {request}", ""
    ways = {"xhr": "by XMLHttpRequest", "fetch": "by fetch", "document": "as a plain form"}
    seen = f"{stays} while {request} was sent {ways.get(sent[0], f'as {sent[0]}')}"
    if sent[0] == "document":
        return seen, "no script sends the upload: the browser submits the form itself"
    if sent[0] == "fetch":
        return seen, "fetch does not report the progress of an upload; XMLHttpRequest's upload does"
    if _DEAF in heard:
        return seen, "the script listens to no progress event of the request's `upload`"
    return seen, ""


@contextlib.contextmanager
def unread() -> Iterator[None]:
    """Ignore the warning about a temporary file of a body that Werkzeug could not fully read.

    Werkzeug leaves that file to the garbage collector, which is not the subject's fault.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Unclosed file <tempfile", ResourceWarning)
        yield
        # While the objects are young, so that it is cheap.
        gc.collect(1)


def _walk(folder: str) -> Iterator[os.DirEntry[str]]:
    # Not `Path.rglob`: every upload scans all files of the earlier ones twice.
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(entry.path)
            else:
                yield entry


def apart(first: bytes, second: bytes, room: int = 30) -> tuple[str, str]:
    """Return two texts of bytes that show both from a little before where they differ."""
    pairs = enumerate(zip(first, second, strict=False))
    same = next((index for index, (a, b) in pairs if a != b), min(len(first), len(second)))
    start = max(0, same - room // 3)

    def cut(data: bytes) -> str:
        before, after = "…" if start else "", "…" if len(data) > start + room else ""
        return f"{len(data)} bytes, {before}{data[start : start + room]!r}{after}"

    return cut(first), cut(second)


def inert(response: Response) -> str | None:
    """Return why a browser could run a download's content; None if it cannot."""
    if (response.header("Content-Disposition") or "").lower().lstrip().startswith("attachment"):
        return None
    for policy in response.header_values("Content-Security-Policy"):
        for directive in policy.lower().split(";"):
            words = directive.split()
            if words[:1] == ["sandbox"] and "allow-scripts" not in words:
                return None
    if not response.mimetype or response.mimetype in ACTIVE:
        return f"inline as {response.mimetype or 'no type'}"
    if "nosniff" not in response.header_tokens("X-Content-Type-Options"):
        return f"inline as {response.mimetype} without X-Content-Type-Options: nosniff"
    return None


pattern = Pattern(
    slug="fileuploads",
    title="Uploading Files",
    sections={
        "": "Uploading Files",
        "a-gentle-introduction": "A Gentle Introduction",
        "improving-uploads": "Improving Uploads",
        "upload-progress-bars": "Upload Progress Bars",
        "an-easier-solution": "An Easier Solution",
    },
    binding=FileUploads,
    harnesses=(FileUploadsHarness,),
)
