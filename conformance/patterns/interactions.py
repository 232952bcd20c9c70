"""Patterns together: what no chapter has, as it comes from several of them in one app."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import itertools
import os
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast
from unittest import mock
from urllib.parse import quote, urljoin, urlsplit

import flask

from ..core.errors import Broken, Deviation, NotObserved, SubjectRaised, Untested
from ..core.told import where
from ..instruments.html import Page
from ..instruments.values import strings
from ..subject.config import Binding, Component, Route
from ..transports import Client, Request, Response, Upload
from ..transports.messages import path_of
from . import Pattern
from .flashing import FlashingHarness
from .harness import Harness, Mounted, Probe
from .people import below

if TYPE_CHECKING:
    from ..instruments.bench import Bench
    from ..transports import WSGIApp

T = TypeVar("T")

#: Where the app is mounted for the clauses that ask for it.
PREFIX = "/mount"

#: Seconds that an answer may take, and that what a request started may take to end.
PATIENCE = 12.0

#: Bytes that a file may have on a disk that is full.
DISK = 64 * 1024

_numbers = itertools.count()


class Interactions(Binding):
    """How a subject exposes an app that uses several patterns: every key is optional.

    Who logs in is in `[people]`: those who have `shows`, a name that pages show then and no page
    has otherwise.
    """

    filled = {"login": "bare login", "people": "fields", "logout": "logout"}  # noqa: RUF012
    instead = {  # noqa: RUF012
        "login": "[people.NAME] has login",
        "people": "[people.NAME] has login, and shows for the name",
        "logout": "[people.NAME] has logout",
    }

    login: Route | None = None
    """Deprecated: `login` of somebody in `[people]`, without the fields that say who it is."""
    people: dict[str, dict[str, str]] | None = None
    """Deprecated: `[people]`. Who can log in: a name that pages show, and its fields."""
    logout: Route | None = None
    """Deprecated: `logout` of somebody in `[people]`."""
    protected: Route | None = None
    """A page for those who are logged in."""
    messages: Route | None = None
    """A page that shows the messages that wait."""
    notice: Route | None = None
    """A request that flashes `text_field`."""
    text_field: str = "text"
    """The field that `notice`, `add`, `order` and `checksum` take a text in."""
    cached: Route | None = None
    """A page that is kept in a cache, with the layout that shows messages and who is logged in."""
    things: Route | None = None
    """A JSON list of the names of what `add` and `order` store."""
    add: Route | None = None
    """A request that stores a thing, named `text_field`; the kit logs in first where it can."""
    remove: Route | None = None
    """A request that removes a thing for those who are logged in; its path has `{name}` in it."""
    override_header: str | None = None
    """The header in which a POST names the method that it stands for."""
    checksum: Route | None = None
    """A form whose answer has the body's checksum in hexadecimal digits, and `text_field`."""
    algorithm: str = "sha256"
    """The checksum's algorithm, as `hashlib` names it."""
    stream: Route | None = None
    """A streamed page that shows who is logged in, and may show messages."""
    upload: Route | None = None
    """A request that stores a file, and whose answer leads to it."""
    upload_field: str = "file"
    """The field of the file."""
    upload_extension: str = "txt"
    """An extension that is accepted."""
    folder: str | None = None
    """The configuration key that names the folder of the uploads."""
    failing: Route | None = None
    """A request that is answered by an error, for which `cookie` is set all the same."""
    cookie: str | None = None
    """The cookie that each response sets for a client that has none."""
    order: Route | None = None
    """A request that stores a thing, named `text_field`, and queues a task for it."""
    failing_order: Route | None = None
    """The same, so that it fails after the thing was stored, and is rolled back."""
    enqueue: Component = None
    """The function that queues the task; the kit puts its own in its place while it asks."""
    database: str | None = None
    """The configuration key that names the SQLite file; as a URL where it ends in URI or URL."""


class InteractionsHarness(Harness[Interactions]):
    """Drives the routes of one app, and breaks what it stands on."""

    kind = "routes"
    alone = ("protected", "remove", "login", "logout", "people")

    def __init__(self, slug: str, binding: Interactions, bench: Bench) -> None:
        super().__init__(slug, binding, bench)
        self._messages: list[str] = []
        self._mounted: Mounted | None = None
        #: Which pages ask for a login.
        self._closed: dict[str, bool] = {}
        #: The folder of the uploads and the file of the database, where they are bound.
        self.folder = self.file = Path()

    def probes(self) -> list[Probe]:
        """Return the probes of the routes that can be asked without more."""
        return [probe for probe in super().probes() if probe.key != "failing"]

    def begin_example(self, values: Mapping[str, object] | None = None) -> None:
        """Start an example, in which the messages of the last one count no more."""
        super().begin_example(values)
        self._messages = []

    def make_app(self) -> WSGIApp:
        """Make an app with a folder and a database of its own, where their keys are bound."""
        config = {}
        if self.binding.folder is not None:
            self.folder = self.bench.folder()
            config[self.binding.folder] = str(self.folder)
        if (key := self.binding.database) is not None:
            self.file = self.bench.folder() / "conformance.sqlite"
            url = key.upper().endswith(("URI", "URL"))
            config[key] = f"sqlite:///{self.file}" if url else str(self.file)
        return self.bench.build(**config)

    # Below a prefix.

    def below(self) -> Client:
        """Return a new client of the app mounted below `PREFIX`."""
        if self._mounted is None:
            self._mounted = Mounted(self.app, PREFIX)
        return self.client(self._mounted)

    def route(self, key: str, prefix: str = "") -> Route:
        """Return a bound route, as it is below a prefix."""
        return below(cast(Route, self.need(key)), prefix)

    # Who asks.

    @property
    def people(self) -> list[str]:
        """The names of those who can log in; at least one."""
        return list(self.need("people"))

    def log_in(self, client: Client, person: str, prefix: str = "") -> None:
        """Log a client in; a `Broken` where that is refused."""
        route = self.route("login", prefix)
        response = self.send(client, route, fields=self.need("people")[person])
        client.person = ""
        if response.status >= 400:
            raise self.broken("people", f"{person} cannot log in: {response}")

    def member(self, prefix: str = "") -> Client:
        """Return a new client that may do everything: logged in, where people are bound."""
        client = self.below() if prefix else self.client()
        if self.binding.login is not None and self.binding.people:
            self.log_in(client, self.people[0], prefix)
        return client

    def is_closed(self, key: str) -> bool:
        """Check whether a bound route is for those alone who are logged in."""
        if key not in self._closed:
            route = cast(Route, self.need(key))
            client = self.client()
            response = self.send(client, route)
            refused = response.status in (401, 403)
            if response.is_redirect:
                # To the login, or where a page that is known to ask for one leads.
                ways = {self.binding.login and self.binding.login.path}
                if self.binding.protected is not None:
                    asked = self.send(client, self.binding.protected)
                    ways.add(asked.location and urlsplit(asked.location).path)
                refused = urlsplit(response.location or "").path in ways
            self._closed[key] = refused
        return self._closed[key]

    def visitor(self, number: int, *keys: str) -> Client:
        """Return a new client that may send the routes of some keys.

        Logged in, as the person of a number, only where one of them asks for it.
        """
        client = self.client()
        can_log_in = self.binding.login is not None and self.binding.people
        bound = [key for key in keys if getattr(self.binding, key) is not None]
        if can_log_in and any(self.is_closed(key) for key in bound):
            self.log_in(client, self.people[number % len(self.people)])
        return client

    def two_apps(self) -> list[tuple[Client, Path]]:
        """Return a client of each of two new apps that may do everything, and the app's folder."""
        made = [(self.make_app(), self.folder) for _ in range(2)]
        found = []
        for app, folder in made:
            client = self.client(app)
            if self.binding.login is not None and self.binding.people:
                self.log_in(client, self.people[0])
            found.append((client, folder))
        return found

    def names(self, response: Response) -> list[str]:
        """Return the names of people that an answer shows, each once."""
        return [name for name in self.people if self.says(response, name)]

    # Messages.

    @staticmethod
    def mark(text: str) -> str:
        """Return a text that no other one is a part of, so that it can be searched for."""
        number = next(_numbers)
        return f"kq{number}a{text}kq{number}z"

    def notice(self, client: Client, text: str = "") -> str:
        """Flash a message for a client and give it."""
        message = self.mark(text)
        response = self.send(client, self.need("notice"), fields={self.binding.text_field: message})
        if response.status >= 400:
            raise Deviation(f"the notice {message!r} to be taken", str(response))
        self._messages.append(message)
        return message

    def shown(self, response: Response) -> list[str]:
        """Return the messages of this example that an answer shows, as often as it does."""
        return FlashingHarness.shown(response, self._messages)

    # Pages.

    @staticmethod
    def says(response: Response, text: str) -> bool:
        """Check whether an answer shows a text."""
        return bool(FlashingHarness.shown(response, [text]))

    def look(self, client: Client, key: str = "messages") -> Response:
        """Ask for a bound page that anybody may see; a `Deviation` where it is no page."""
        return self.whole(self.send(client, self.need(key)))

    def place(self) -> str:
        """Return the cached page's address with a query of its own: kept by nobody yet."""
        route = cast(Route, self.need("cached"))
        query = {**route.query, "conformance": str(next(_numbers))}
        return Request.build(target=route.path, query=query).target

    def whole(self, response: Response) -> Response:
        """Say that an answer is a page."""
        if response.status != 200 or response.truncated:
            raise Deviation(f"a page for {response.request}", str(response))
        return response

    def stream(self, client: Client, begun: threading.Barrier) -> Response:
        """Read the streamed page, when those of all who wait at the barrier have begun."""
        request = self.prepare(client, self.need("stream"))
        try:
            with client.stream(request) as stream:
                # Without those whose stream did not begin, the others are read as they are.
                with contextlib.suppress(threading.BrokenBarrierError):
                    begun.wait(PATIENCE)
                body = b"".join(stream)
        except (NotObserved, AssertionError):
            raise
        except Exception as error:
            begun.abort()
            raise SubjectRaised(f"{request}", error, where(error)) from error
        return self.whole(Response(stream.status, stream.headers, body, request))

    # Things.

    def things(self, client: Client | None = None) -> Counter[str]:
        """Return the names of the things that another client sees, counted."""
        client = client or self.visitor(0, "things")
        response = self.whole(self.send(client, self.need("things")))
        try:
            found = response.json()
        except ValueError:
            found = None
        if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
            raise Broken(f"patterns.{self.slug}.things: no JSON list of names: {response}")
        return Counter(found)

    def ask_to_add(self, client: Client, name: str, key: str = "add") -> Request:
        """Return the request that stores a thing."""
        return self.prepare(client, self.need(key), fields={self.binding.text_field: name})

    def add(self, client: Client, text: str = "") -> str:
        """Store a thing and give its name; a `Deviation` where it is not to be seen then."""
        name = self.mark(text)
        response = client.send(self.ask_to_add(client, name))
        if self.things()[name] != 1:
            raise Deviation(f"the thing {name!r} to be stored, once", str(response))
        return name

    def remove(
        self, client: Client, name: str, token: str | None = None, **parts: object
    ) -> Response:
        """Remove a thing; with a token by a POST that says so in the override header."""
        route = cast(Route, self.need("remove"))
        parts["target"] = route.path.replace("{name}", quote(name, safe=""))
        return self.overridden(client, route, token, **parts)

    def overridden(
        self, client: Client, route: Route, token: str | None, **parts: object
    ) -> Response:
        """Send a route's request, with a token as a POST that names it as its method."""
        if token is not None:
            header = cast(str, self.need("override_header"))
            parts["method"] = "POST"
            parts["headers"] = (*route.headers.items(), (header, token))
        return self.send(client, route, **parts)

    # Checksums.

    def digest(self, body: bytes) -> str:
        """Return the checksum of a body as the answer is to say it."""
        return hashlib.new(self.binding.algorithm, body).hexdigest()

    # Uploads.

    def upload(self, client: Client, content: bytes, prefix: str = "", **parts: object) -> Request:
        """Return the request that uploads a file."""
        name = f"{self.mark('')}.{self.binding.upload_extension}"
        files = {self.binding.upload_field: Upload(name, content, "text/plain")}
        return self.prepare(client, self.route("upload", prefix), files=files, **parts)

    def found(self, client: Client, response: Response) -> dict[str, bytes]:
        """Return what an answer to an upload leads to: addresses on this site, and what is there.

        Where it leads to another page, what that links to counts too.
        """
        found: dict[str, bytes] = {}
        for target in self._addresses(client, response):
            answer = client.get(target)
            found[target] = answer.body
            if response.is_redirect and answer.mimetype == "text/html":
                for further in self._addresses(client, answer):
                    found.setdefault(further, client.get(further).body)
        return found

    def _addresses(self, client: Client, response: Response) -> list[str]:
        if response.is_redirect:
            named = [response.location or ""]
        elif "json" in response.mimetype:
            named = [each for each in strings(response.json()) if "/" in each]
        else:
            named = Page(response.text).links()
        base = f"http://{client.host}{response.request.target}"
        parts = [urlsplit(urljoin(base, each)) for each in named if each]
        own = [each for each in parts if each.netloc.partition(":")[0] == client.host]
        logout = self.binding.logout
        return [
            path_of(each) for each in own if logout is None or not each.path.endswith(logout.path)
        ]

    def files(self, folder: Path | None = None) -> dict[str, int]:
        """Return the files in a folder, by default the app's, and their sizes.

        None where no folder is bound.
        """
        if self.binding.folder is None:
            return {}
        folder = folder or self.folder
        found = [path for path in folder.rglob("*") if path.is_file()]
        return {str(path.relative_to(folder)): path.stat().st_size for path in found}

    def has_folder(self) -> None:
        """Say that the bound key names a folder in the app's own settings."""
        known = self.bench.build()
        key = self.binding.folder
        if isinstance(known, flask.Flask) and key not in known.config:
            raise Broken.for_key(self.slug, "folder", f"the app has no setting {key}")

    # Tasks.

    @contextlib.contextmanager
    def queue(self, look: Callable[[], object] = lambda: None) -> Iterator[list[object]]:
        """Record what `look` gives each time a task is queued while the block runs."""
        self.inside()
        self.component("enqueue")
        named = self.binding.enqueue
        if not isinstance(named, str):
            raise Untested.for_keys(self.slug, "enqueue", hint=" as 'module:attribute'")
        seen: list[object] = []

        def enqueue(*args: object, **kwargs: object) -> None:
            # In a thread of its own: it is another client's, and may have no context of this one.
            seen.append(in_time(look, "what the task needs"))

        with mock.patch(named.replace(":", "."), enqueue):
            yield seen

    # Faults.

    def in_time(self, client: Client, request: Request) -> Response:
        """Send a request; a `Deviation` where no answer comes within `PATIENCE`."""
        return in_time(lambda: client.send(request), f"an answer to {request}")

    @contextlib.contextmanager
    def full_disk(self) -> Iterator[None]:
        """Let no file of this process grow beyond `DISK` bytes while the block runs."""
        self.inside()
        try:
            import resource
        except ImportError:
            raise Untested("needs a system that limits the size of files") from None
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        # A write beyond it is an error, and no signal: Python ignores SIGXFSZ.
        resource.setrlimit(resource.RLIMIT_FSIZE, (DISK, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    def has_database(self) -> None:
        """Say that the app keeps what it stores in the bound file, once something is stored."""
        self.need("database")
        if not self.file.is_file() or not self.file.stat().st_size:
            raise Broken(
                f"database = {self.binding.database!r} in [patterns.{self.slug}]: the app stores "
                "somewhere else than that key of its configuration says when the app is made"
            )

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the database's lock, as somebody who writes for long, while the block runs."""
        with contextlib.closing(sqlite3.connect(self.file, isolation_level=None)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                raise Deviation("no transaction to be open after a request", str(error)) from None
            try:
                yield
            finally:
                other.execute("ROLLBACK")

    @contextlib.contextmanager
    def gone(self) -> Iterator[None]:
        """Have something that is no database in the file's place while the block runs."""
        with contextlib.closing(sqlite3.connect(self.file)) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        kept = self.file.read_bytes()
        self.file.write_bytes(b"this is no database\n" * (len(kept) // 20))
        try:
            yield
        finally:
            self.file.write_bytes(kept)

    @contextlib.contextmanager
    def failing_teardown(self, context: str) -> Iterator[None]:
        """Have a teardown function that raises, run after all others, while the block runs.

        `context` says whose end it waits for: "request" or "app".
        """
        self.inside()
        app = self.flask_app
        functions: list[Any] = app.teardown_appcontext_funcs
        if context == "request":
            functions = cast("list[object]", app.teardown_request_funcs.setdefault(None, []))

        def fail(error: BaseException | None) -> None:
            raise RuntimeError("the teardown function of the clause raises")

        # The last one that was registered runs first.
        functions.insert(0, fail)
        try:
            yield
        finally:
            functions.remove(fail)

    @contextlib.contextmanager
    def counted(self) -> Iterator[list[str]]:
        """Give the list of what the block leaves behind, filled in when it ends.

        Threads may end by themselves within `PATIENCE`.
        """
        self.only_wsgi("counts what one process holds")
        threads, files = set(threading.enumerate()), _open_files()
        left: list[str] = []
        with self.signals(flask.appcontext_pushed, flask.appcontext_popped) as heard:
            yield left
        # What nobody refers to any more is let go of late.
        gc.collect()
        for thread in set(threading.enumerate()) - threads:
            thread.join(PATIENCE / 4)
            if thread.is_alive():
                left.append(f"the thread {thread.name}")
        left += [f"the open file {name}" for name in (_open_files() - files).elements()]
        pushed = sum(signal is flask.appcontext_pushed for signal, _ in heard)
        if pushed * 2 != len(heard):
            left.append(f"{2 * pushed - len(heard)} app contexts")
        if flask.has_app_context() or flask.has_request_context():
            left.append("an active context")

    def mix(self) -> dict[str, Callable[[Client], object]]:
        """Return what a client may do, by name, as far as it is bound; some of it is refused."""
        binding = self.binding
        actions: dict[str, Callable[[Client], object]] = {}
        for key in ("messages", "cached", "protected", "things", "failing", "stream", "logout"):
            if getattr(binding, key) is not None:
                actions[key] = lambda client, key=key: self.send(client, self.need(key))  # type: ignore[misc]
        for key in ("notice", "add", "order", "failing_order", "checksum"):
            if getattr(binding, key) is not None:
                actions[key] = lambda client, key=key: client.send(  # type: ignore[misc]
                    self.ask_to_add(client, self.mark(""), key)
                )
                actions[f"{key}, without fields"] = lambda client, key=key: client.send(  # type: ignore[misc]
                    Request.build(self.need(key).method, self.need(key).path)
                )
        if binding.login is not None and binding.people:
            actions["login"] = lambda client: self.log_in(client, self.people[0])
        if binding.remove is not None:
            actions["remove"] = lambda client: self.remove(client, self.mark(""))
        if binding.upload is not None:
            actions["upload"] = lambda client: client.send(self.upload(client, b"content"))
        if binding.stream is not None:
            actions["stream, left"] = lambda client: self.leave(client, 1)
        return actions

    def leave(self, client: Client, pieces: int | None) -> int:
        """Read some pieces of the streamed page, or all with None, hang up, and give how many."""
        with client.stream(self.prepare(client, self.need("stream"))) as stream:
            return sum(1 for _ in itertools.islice(stream, pieces))


def in_time(function: Callable[[], T], what: str) -> T:
    """Call a function in a thread of its own; a `Deviation` where it takes too long."""
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(function())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    if errors:
        raise errors[0]
    if not results:
        raise Deviation(f"{what} within {PATIENCE:g} s", "none")
    return results[0]


def _open_files() -> Counter[str]:
    """Return the names of this process's open files; none on a system that does not tell."""
    found: Counter[str] = Counter()
    with contextlib.suppress(FileNotFoundError), os.scandir("/proc/self/fd") as entries:
        for entry in entries:
            # The folder's own handle is closed by the time that it is looked at.
            with contextlib.suppress(OSError):
                name = os.readlink(entry.path)
                if not name.startswith("/proc/"):
                    found[name] += 1
    return found


pattern = Pattern(
    slug="interactions",
    title="Patterns together",
    sections={
        "": "Patterns for Flask",
        "caching": "Caching",
        "celery": "Background Tasks with Celery",
        "deferredcallbacks": "Deferred Request Callbacks",
        "fileuploads": "Uploading Files",
        "flashing": "Message Flashing",
        "methodoverrides": "Adding HTTP Method Overrides",
        "requestchecksum": "Request Content Checksums",
        "sqlite3": "Using SQLite 3 with Flask",
        "streaming": "Streaming Contents",
        "viewdecorators": "View Decorators",
    },
    binding=Interactions,
    harnesses=(InteractionsHarness,),
    chapters=True,
)
