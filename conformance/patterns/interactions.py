"""Patterns together: what no single chapter asks for, because it takes several in one app."""

from __future__ import annotations

import contextlib
import functools
import gc
import hashlib
import itertools
import os
import re
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast
from unittest import mock
from urllib.parse import quote, urljoin, urlsplit

import flask

from ..core.errors import Broken, Deviation, NotObserved, Refused, SubjectRaised, Untested
from ..core.told import told, where
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

#: Where the app is mounted for the clauses that need a prefix.
PREFIX = "/mount"

#: Seconds within which a response must arrive, and what a request started must end.
PATIENCE = 12.0

#: The size in bytes to which a file can grow on a full disk.
DISK = 64 * 1024

#: The statuses of a page: 203 is one that something on the way has changed.
PAGES = (200, 203)

#: Seconds after which hardly anything that was cached is still served.
A_DAY = 24 * 60 * 60.0 + 1

_numbers = itertools.count()


class Interactions(Binding):
    """How a subject exposes an app that uses several patterns: every key is optional.

    People who can log in are in `[people]`: those with `shows`, a name that pages show only
    while they are logged in.
    """

    filled = {"login": "bare login", "people": "fields", "logout": "logout"}  # noqa: RUF012
    instead = {  # noqa: RUF012
        "login": "[people.NAME] has login",
        "people": "[people.NAME] has login, and shows for the name",
        "logout": "[people.NAME] has logout",
    }

    login: Route | None = None
    """Deprecated: `login` of a person in `[people]`, without the fields that identify them."""
    people: dict[str, dict[str, str]] | None = None
    """Deprecated: `[people]`. The people who can log in: a name that pages show, with fields."""
    logout: Route | None = None
    """Deprecated: `logout` of a person in `[people]`."""
    protected: Route | None = None
    """A page for logged-in users."""
    messages: Route | None = None
    """A page that shows pending messages."""
    notice: Route | None = None
    """A request that flashes `text_field`."""
    text_field: str = "text"
    """The field in which `notice`, `add`, `order` and `checksum` take a text."""
    cached: Route | None = None
    """A cached page whose layout shows messages and the name of the user."""
    things: Route | None = None
    """A JSON list of the names that `add` and `order` store."""
    add: Route | None = None
    """A request that stores a thing named by `text_field`; the kit logs in first if it can."""
    remove: Route | None = None
    """A request that removes a thing, for logged-in users; its path contains `{name}`."""
    override_header: str | None = None
    """The header in which a POST names the overriding method."""
    checksum: Route | None = None
    """A form whose response contains the body's checksum in hexadecimal, and `text_field`."""
    algorithm: str = "sha256"
    """The algorithm of the checksum, as `hashlib` names it."""
    stream: Route | None = None
    """A streamed page that shows the name of the user, and may show messages."""
    upload: Route | None = None
    """A request that stores a file, and whose response leads to it."""
    upload_field: str = "file"
    """The form field of the file."""
    upload_extension: str = "txt"
    """An extension that is accepted."""
    folder: str | None = None
    """The configuration key of the upload folder."""
    failing: Route | None = None
    """A request that gives an error response, which sets `cookie` nevertheless."""
    cookie: str | None = None
    """The cookie that each response sets for a client that has none."""
    order: Route | None = None
    """A request that stores a thing named by `text_field`, and queues a task for it."""
    failing_order: Route | None = None
    """The same request, but failing after the thing was stored, so that it is rolled back."""
    enqueue: Component = None
    """The function that queues the task; the kit replaces it during a clause."""
    database: str | None = None
    """The configuration key of the SQLite file; a URL if the key ends in URI or URL."""


class InteractionsHarness(Harness[Interactions]):
    """Drives the routes of one app, and breaks what it depends on."""

    kind = "routes"
    alone = ("protected", "remove", "login", "logout", "people")
    unruled = ("failing",)

    def __init__(self, slug: str, binding: Interactions, bench: Bench) -> None:
        super().__init__(slug, binding, bench)
        #: What was ever flashed: a message of an earlier example is anybody's but nobody's now.
        self._messages: dict[str, str] = {}
        self._mounted: Mounted | None = None
        #: Which actions leave something behind, once that was looked for.
        self._leaving: str | None = None
        #: Which pages require a login.
        self._closed: dict[str, bool] = {}
        #: The upload folder and the database file, if they are bound.
        self.folder = self.file = Path()

    def probes(self) -> list[Probe]:
        """Return the probes of the routes that can be requested on their own."""
        return [probe for probe in super().probes() if probe.key != "failing"]

    def make_app(self) -> WSGIApp:
        """Create an app with its own folder and database, if their keys are bound."""
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
        """Return a bound route as it is below a prefix."""
        return below(cast(Route, self.need(key)), prefix)

    # Clients.

    def let_expire(self) -> None:
        """Let a day pass, where the clock can be moved, so that what was cached is no longer."""
        with self.aside(), contextlib.suppress(Untested):
            self.clock().advance(A_DAY)

    @property
    def can_log_in(self) -> bool:
        """Whether people are bound, and how they log in."""
        return self.binding.login is not None and bool(self.binding.people)

    @property
    def people(self) -> list[str]:
        """The people who can log in, at least one: each as pages show them, if that is known."""
        return list(self.need("people"))

    @functools.cached_property
    def are_shown(self) -> bool:
        """Whether people are known by what pages show of them."""
        shown = {each.shows for each in self.bench.subject.people.values()}
        return self.binding.origin("people") is None or shown >= set(self.people)

    def need_names(self) -> list[str]:
        """Return the people, whom pages have to show; end the clause as `untested` otherwise."""
        people = self.people
        if not self.are_shown:
            raise Untested.for_people("somebody with login and shows")
        return people

    def log_in(self, client: Client, person: str, prefix: str = "") -> None:
        """Log a client in; raise `Broken` if that is refused."""
        route = self.route("login", prefix)
        response = self.send(client, route, fields=self.need("people")[person])
        client.person = ""
        if response.status >= 400:
            raise self.broken("people", f"{person} cannot log in: {response}")

    def member(self, prefix: str = "") -> Client:
        """Return a new client that may do everything: logged in, if people are bound."""
        client = self.below() if prefix else self.client()
        if self.can_log_in:
            self.log_in(client, self.people[0], prefix)
        return client

    def is_closed(self, key: str) -> bool:
        """Check whether a bound route requires a login."""
        if key not in self._closed:
            route = cast(Route, self.need(key))
            client = self.client()
            response = self.send(client, route)
            refused = response.status in (401, 403)
            if response.is_redirect:
                # To the login, or to where a page leads that is known to require one.
                ways = {self.binding.login and self.binding.login.path}
                if self.binding.protected is not None:
                    asked = self.send(client, self.binding.protected)
                    ways.add(asked.location and urlsplit(asked.location).path)
                refused = urlsplit(response.location or "").path in ways
            self._closed[key] = refused
        return self._closed[key]

    def visitor(self, number: int, *keys: str) -> Client:
        """Return a new client that may request the routes of some keys.

        It is logged in, as the person with a number, only if one of them requires it.
        """
        client = self.client()
        bound = [key for key in keys if getattr(self.binding, key) is not None]
        if self.can_log_in and any(self.is_closed(key) for key in bound):
            self.log_in(client, self.people[number % len(self.people)])
        return client

    def two_apps(self) -> list[tuple[Client, Path]]:
        """Return a client that may do everything, and the folder, of each of two new apps."""
        made = [(self.make_app(), self.folder) for _ in range(2)]
        found = []
        for app, folder in made:
            client = self.client(app)
            if self.can_log_in:
                self.log_in(client, self.people[0])
            found.append((client, folder))
        return found

    def names(self, response: Response) -> list[str]:
        """Return the names of people that a response shows, each once; none that are not known."""
        people = self.people if self.are_shown else []
        return [name for name in people if self.says(response, name)]

    # Messages.

    @staticmethod
    def mark(text: str) -> str:
        """Return a text that is not part of any other, so that it can be searched for."""
        number = next(_numbers)
        return f"kq{number}a{text}kq{number}z"

    def notice(self, client: Client, text: str = "") -> str:
        """Flash a message for a client and return it."""
        message = self.mark(text)
        response = self.send(client, self.need("notice"), fields={self.binding.text_field: message})
        if response.status >= 500:
            raise Deviation(f"the notice {message!r} to be accepted", str(response))
        if response.status >= 400:
            raise Broken.for_key(self.slug, "notice", f"{message!r} is refused: {response}")
        self._messages[message.partition("a")[0]] = message
        return message

    def shown(self, response: Response) -> list[str]:
        """Return the messages that a response shows, with repetitions; also of other examples."""
        marks = dict.fromkeys(re.findall(r"kq\d+", response.text))
        known = [self._messages[mark] for mark in marks if mark in self._messages]
        return FlashingHarness.texts_shown(response, known)

    # Pages.

    @staticmethod
    def says(response: Response, text: str) -> bool:
        """Check whether a response shows a text."""
        return bool(FlashingHarness.texts_shown(response, [text]))

    def look(self, client: Client, key: str = "messages") -> Response:
        """Request a bound public page; raise `Deviation` if the response is not a page."""
        return self.whole(self.send(client, self.need(key)))

    def place(self) -> str:
        """Return the cached page's address with a unique query, under which nothing is cached."""
        route = cast(Route, self.need("cached"))
        query = {**route.query, "conformance": str(next(_numbers))}
        return Request.build(target=route.path, query=query).target

    def cached_page(self, client: Client, target: str) -> Response:
        """Return the page at an address that is cached, or the one that it leads to.

        A page that does not show messages may send a client to one that does.
        """
        return self.whole(client.follow(client.get(target)))

    def whole(self, response: Response) -> Response:
        """Return a response if it is a complete page, or raise `Deviation`."""
        if response.status not in PAGES or response.truncated:
            raise Deviation(f"a page for {response.request}", str(response))
        return response

    def stream(self, client: Client, begun: threading.Barrier) -> Response:
        """Read the streamed page, once the streams of all clients at the barrier have begun."""
        request = self.prepare(client, self.need("stream"))
        try:
            with client.stream(request) as stream:
                # If a stream did not begin, the others are read without it.
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
            raise Broken(f"patterns.{self.slug}.things: not a JSON list of names: {response}")
        return Counter(found)

    def ask_to_add(self, client: Client, name: str, key: str = "add") -> Request:
        """Return the request that stores a thing."""
        return self.prepare(client, self.need(key), fields={self.binding.text_field: name})

    def add(self, client: Client, text: str = "") -> str:
        """Store a thing and return its name.

        Raises `Deviation` if it is not listed afterwards, and `Refused` if a plain one is.
        """
        name = self.mark(text)
        response = client.send(self.ask_to_add(client, name))
        if self.things()[name] != 1:
            with self.aside():
                if text and response.status < 500 and self._takes(client, "add"):
                    raise Refused.for_text(self.slug, "add", name, response)
            raise Deviation(f"the thing {name!r} to be stored, once", str(response))
        return name

    def add_again(self, client: Client, name: str) -> bool:
        """Store a thing with a name that another one had; return whether that is allowed."""
        client.send(self.ask_to_add(client, name))
        return self.things()[name] == 1

    def order(self, client: Client, name: str, text: str) -> Response:
        """Order a thing; raise `Refused` if its name is refused, and a plain one is not."""
        response = client.send(self.ask_to_add(client, name, "order"))
        if text and 400 <= response.status < 500 and self.things()[name] == 0:
            with self.aside():
                if self._takes(client, "order"):
                    raise Refused.for_text(self.slug, "order", name, response)
        return response

    def _takes(self, client: Client, key: str) -> bool:
        """Check whether a thing with a plain name is stored."""
        plain = self.mark("")
        client.send(self.ask_to_add(client, plain, key))
        return self.things()[plain] == 1

    def remove(
        self, client: Client, name: str, token: str | None = None, **parts: object
    ) -> Response:
        """Remove a thing; with a token, by a POST that names it in the override header."""
        route = cast(Route, self.need("remove"))
        parts["target"] = route.path.replace("{name}", quote(name, safe=""))
        return self.overridden(client, route, token, **parts)

    def overridden(
        self, client: Client, route: Route, token: str | None, **parts: object
    ) -> Response:
        """Send a route's request; with a token, as a POST overridden to that method."""
        if token is not None:
            header = cast(str, self.need("override_header"))
            parts["method"] = "POST"
            parts["headers"] = (*route.headers.items(), (header, token))
        return self.send(client, route, **parts)

    # Checksums.

    def digest(self, body: bytes) -> str:
        """Return the checksum of a body as the response should contain it."""
        return hashlib.new(self.binding.algorithm, body).hexdigest()

    def explained(self, client: Client, request: Request) -> tuple[Response, str]:
        """Send a request; return the response, and what was raised on the way to it, if anything.

        Only in the same process is that known.
        """
        if not self.bench.transport.same_process or not isinstance(self.app, flask.Flask):
            return client.send(request), ""
        raised: list[str] = []
        handle = self.app.handle_user_exception

        def note(error: Exception) -> Any:
            parsed = "form" in flask.request.__dict__
            raised.append(f"{told(error)}, {'after' if parsed else 'before'} the form was parsed")
            return handle(error)

        with mock.patch.object(self.app, "handle_user_exception", note):
            response = client.send(request)
        return response, "; ".join(raised)

    # Uploads.

    def upload(
        self, client: Client, content: bytes, prefix: str = "", stem: str = "", **parts: object
    ) -> Request:
        """Return the request that uploads a file, with a name of its own unless there is one."""
        name = f"{stem or self.mark('')}.{self.binding.upload_extension}"
        files = {self.binding.upload_field: Upload(name, content, "text/plain")}
        return self.prepare(client, self.route("upload", prefix), files=files, **parts)

    def found(self, client: Client, response: Response) -> dict[str, bytes]:
        """Return the addresses on this site to which the response to an upload leads, with bodies.

        If it redirects to a page, the links of that page count too.
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

        Empty if no folder is bound.
        """
        if self.binding.folder is None:
            return {}
        folder = folder or self.folder
        found = [path for path in folder.rglob("*") if path.is_file()]
        return {str(path.relative_to(folder)): path.stat().st_size for path in found}

    def has_folder(self) -> None:
        """Raise `Broken` if the app has no setting with the bound key."""
        known = self.bench.build()
        key = self.binding.folder
        if isinstance(known, flask.Flask) and key not in known.config:
            raise Broken.for_key(self.slug, "folder", f"the app has no setting {key}")

    # Tasks.

    @contextlib.contextmanager
    def queue(self, look: Callable[[], object] = lambda: None) -> Iterator[list[object]]:
        """Record the result of `look` each time a task is queued during the block."""
        self.inside()
        self.component("enqueue")
        named = self.binding.enqueue
        if not isinstance(named, str):
            raise Untested.for_keys(self.slug, "enqueue", hint=" as 'module:attribute'")
        seen: list[object] = []

        def enqueue(*args: object, **kwargs: object) -> None:
            self.ledger.note(f"the app queues the task: it calls {named}")
            # In a separate thread: as another client, and without this request's contexts.
            seen.append(in_time(look, "what the task needs"))

        with mock.patch(named.replace(":", "."), enqueue):
            yield seen

    # Faults.

    def in_time(self, client: Client, request: Request) -> Response:
        """Send a request; raise `Deviation` if no response arrives within `PATIENCE`."""
        return in_time(lambda: client.send(request), f"a response to {request}")

    @contextlib.contextmanager
    def full_disk(self) -> Iterator[None]:
        """Keep any file of this process from growing beyond `DISK` bytes during the block."""
        self.inside()
        try:
            import resource
        except ImportError:
            raise Untested("needs a system that can limit file sizes") from None
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        # Writing beyond it gives an error rather than a signal: Python ignores SIGXFSZ.
        resource.setrlimit(resource.RLIMIT_FSIZE, (DISK, hard))
        self.ledger.note(f"no file can grow beyond {DISK} bytes now, as if the disk were full")
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    def has_database(self) -> None:
        """Raise `Broken` if the app has not stored anything in the bound file."""
        self.need("database")
        if not self.file.is_file() or not self.file.stat().st_size:
            raise Broken(
                f"database = {self.binding.database!r} in [patterns.{self.slug}]: the app does not "
                "store in the file that this configuration key names when the app is created"
            )

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the database's lock during the block, as a slow writer would."""
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
        """Replace the database file with something else during the block."""
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
        """Register a teardown function that raises, run after all others, during the block.

        `context` says which context it belongs to: "request" or "app".
        """
        self.inside()
        app = self.flask_app
        functions: list[Any] = app.teardown_appcontext_funcs
        if context == "request":
            functions = cast("list[object]", app.teardown_request_funcs.setdefault(None, []))

        def fail(error: BaseException | None) -> None:
            raise RuntimeError("raised by the kit's own teardown function")

        self.ledger.note(f"the kit adds a teardown function to the {context} context, which raises")
        # They run in reverse order of registration.
        functions.insert(0, fail)
        try:
            yield
        finally:
            functions.remove(fail)

    @contextlib.contextmanager
    def counted(self) -> Iterator[list[str]]:
        """Yield a list of what the block leaves behind, filled in when it ends.

        Threads may still end on their own within `PATIENCE`.
        """
        self.only_wsgi("counts the resources of one process")
        threads, files = set(threading.enumerate()), _open_files()
        left: list[str] = []
        with self.signals(flask.appcontext_pushed, flask.appcontext_popped) as heard:
            yield left
        # Objects in reference cycles are released only by the collector.
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
        """Return the possible actions of a client by name, as far as bound; some are refused."""
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
        if self.can_log_in:
            actions["login"] = lambda client: self.log_in(client, self.people[0])
        if binding.remove is not None:
            actions["remove"] = lambda client: self.remove(client, self.mark(""))
        if binding.upload is not None:
            actions["upload"] = lambda client: client.send(self.upload(client, b"content"))
        if binding.stream is not None:
            actions["stream, left"] = lambda client: self.leave(client, 1)
        return actions

    def who_leaves(self, client: Client, actions: Mapping[str, Callable[[Client], object]]) -> str:
        """Return which of the actions leave something behind, with the status of each."""
        if self._leaving is None:
            leaving: list[str] = []
            clean: list[str] = []
            with self.aside():
                for name, action in actions.items():
                    with self.counted() as left:
                        response = action(client)
                    status = f" ({response.status})" if isinstance(response, Response) else ""
                    (leaving if left else clean).append(name + status)
            self._leaving = ""
            if leaving:
                self._leaving = f"left by {'; '.join(leaving)}" + (
                    f"; not by the {len(clean)} others, such as {'; '.join(clean[:3])}"
                    if clean
                    else ""
                )
        return self._leaving

    def leave(self, client: Client, pieces: int | None) -> int:
        """Read some pieces of the streamed page, or all with None; return how many were read."""
        # How many is drawn, and no part of a request.
        self.ledger.steer()
        with client.stream(self.prepare(client, self.need("stream"))) as stream:
            return sum(1 for _ in itertools.islice(stream, pieces))


def in_time(function: Callable[[], T], what: str) -> T:
    """Call a function in a separate thread; raise `Deviation` if it takes too long."""
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
    """Return the names of this process's open files; empty if the system does not list them."""
    found: Counter[str] = Counter()
    with contextlib.suppress(FileNotFoundError), os.scandir("/proc/self/fd") as entries:
        for entry in entries:
            # The handle of the folder itself is closed by the time it is looked up.
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
