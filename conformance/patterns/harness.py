"""What a suite drives: a binding turned into actions and observations."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import inspect
import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar
from urllib.parse import unquote

from ..core.errors import Broken, Kind, Missing, NotObserved, SubjectRaised, Untested
from ..core.ledger import Ledger
from ..core.told import Location, source_of, where
from ..instruments.bench import Bench
from ..instruments.clock import Clock, stopped_clock
from ..instruments.html import Page
from ..instruments.services import why_away
from ..subject import Subject
from ..subject.config import Binding, Route
from ..subject.locate import resolve
from ..subject.watched import unwatched
from ..transports import MARK, Client, Request, Response, WSGIApp
from .people import People, prepared

if TYPE_CHECKING:
    import flask
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from blinker import Signal

    from ..instruments.browser import Tab

B = TypeVar("B", bound=Binding)
T = TypeVar("T")
A = TypeVar("A", bound="Ability")

_marks = itertools.count()

#: Methods for which no form asks for a token.
SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


class Harness(Generic[B]):
    """Drives one kind of binding of one pattern.

    A pattern derives a class for each kind it has; all of them offer the actions
    that its clauses use. An action that needs a key which is not bound
    calls `need`, which ends the clause as `untested` with that key named.
    """

    #: What the kind is called in reasons: "component" or "routes".
    kind: ClassVar[str] = "routes"
    #: The binding's keys of which at least one makes this kind bound; empty for always.
    keys: ClassVar[Sequence[str]] = ()
    #: The real service that the kind is on; None where it needs none.
    on: ClassVar[str | None] = None
    #: Keys whose routes the clauses ask for as nobody too, and log in by themselves.
    alone: ClassVar[Sequence[str]] = ()
    #: Keys whose routes are right without a rule of the app.
    unruled: ClassVar[Sequence[str]] = ()

    def __init__(self, slug: str, binding: B, bench: Bench) -> None:
        self.slug = slug
        self.binding = binding
        self.bench = bench
        self._app: WSGIApp | None = None
        self._clock: Clock | None = None
        #: The components that the clause has used, by key.
        self.driven: dict[str, object] = {}

    @classmethod
    def bound(cls, binding: Binding, subject: Subject) -> bool:
        """Check whether the binding and the subject's services have what this kind drives."""
        if cls.on is not None and cls.on not in subject.services:
            return False
        return not cls.keys or any(getattr(binding, key) is not None for key in cls.keys)

    # What there is to drive.

    @property
    def ledger(self) -> Ledger:
        """The record of what the clause observes."""
        return self.bench.ledger

    def begin_example(self, values: Mapping[str, object] | None = None) -> None:
        """Start an example; derived classes also drop what the last one left."""
        self.ledger.begin_example(values)

    def choose(self, among: Sequence[T], **drawn: int) -> T:
        """Return the element that a drawn index chooses, however large it is.

        The index is passed by its name in the example, which is told by what was chosen.
        """
        ((name, index),) = drawn.items()
        chosen = among[index % len(among)]
        self.ledger.chosen[name] = chosen
        return chosen

    def choose_all(self, among: Sequence[T], **drawn: Sequence[int]) -> list[T]:
        """Return the elements that drawn indices choose, in their order; see `choose`."""
        ((name, indices),) = drawn.items()
        chosen = [among[index % len(among)] for index in indices]
        self.ledger.chosen[name] = chosen
        return chosen

    def need(self, key: str) -> Any:
        """Return a value of the binding; ends the clause as `untested` where it is not bound."""
        value = getattr(self.binding, key)
        if value is None:
            if key in self.binding.filled:
                raise Untested.for_people()
            raise Untested.for_keys(self.slug, key)
        return value

    def broken(self, key: str, text: str) -> Broken:
        """Return the error of a key that does not do what it is for, or of whom it is from."""
        origin = self.binding.origin(key)
        if origin is None:
            return Broken.for_key(self.slug, key, text)
        return Broken(f"{origin}: {text}", Missing(Kind.KEY, origin))

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Leave what the block asks out of the steps of a failure.

        What only tells more of a deviation is no way to see it again.
        """
        steps = self.ledger.trail.copy()
        try:
            yield
        finally:
            self.ledger.trail = steps

    def component(self, key: str) -> Any:
        """Return the component that a key of the binding names, imported."""
        found = self.driven[key] = resolve(self.need(key), f"patterns.{self.slug}.{key}")
        return found

    def service(self, name: str) -> str:
        """Return the URL of a real service; ends the clause as `untested` where it is not there."""
        url = self.bench.subject.services.get(name)
        if url is None:
            raise Untested.for_service(name)
        if why := why_away(url):
            raise Untested.for_service_away(name, why)
        return url

    def call(self, what: str, function: Callable[..., T], *args: object, **kwargs: object) -> T:
        """Call into a component: counted, and an exception becomes a deviation.

        `what` names the call in a failure, such as "MethodOverride(app)".
        """
        self.ledger.call(what)
        try:
            return function(*args, **kwargs)
        except (NotObserved, AssertionError):
            raise
        except Exception as error:
            raise SubjectRaised(what, error, where(error)) from error

    @property
    def app(self) -> Any:
        """The subject's app, built once for the clause and again after `renew`."""
        self.need_app()
        return self._app

    def need_app(self) -> None:
        """Build the app, unless it is there."""
        if self._app is None:
            self._app = self.make_app()

    def make_app(self) -> WSGIApp:
        """Make the app that this harness drives: the subject's, unless a kind has a host app."""
        return self.bench.build()

    @functools.cached_property
    def own_settings(self) -> Mapping[str, object]:
        """The settings of the subject's own app, which a component may read; empty without one."""
        app = self._another_app()
        settings = {} if app is None else dict(app.config)
        # A host app is asked at a host of its own.
        return {key: value for key, value in settings.items() if key != "SERVER_NAME"}

    def furnish(self, host: flask.Flask, **config: object) -> None:
        """Give a host app what a component may look up on its app: settings and extensions.

        They are those of a new app of the subject, made with `config`; without an app of its own,
        or where the host has one of the name, nothing changes.
        """
        app = self._another_app(**config)
        if app is not None:
            own = {key: each for key, each in app.config.items() if key not in app.default_config}
            for found, given in ((host.config, own), (host.extensions, app.extensions)):
                for key, value in given.items():
                    found.setdefault(key, value)

    def _another_app(self, **config: object) -> flask.Flask | None:
        """Return a new app of the subject; None if it has none, or none of Flask's."""
        import flask

        app = self.bench.build(**config) if self.bench.subject.app is not None else None
        return app if isinstance(app, flask.Flask) else None

    @property
    def flask_app(self) -> flask.Flask:
        """The app as a Flask object; ends the clause as `untested` where it is none."""
        import flask

        app = self.app
        if not isinstance(app, flask.Flask):
            raise Untested("needs a Flask app: the subject is another WSGI callable")
        return app

    def need_flask_app(self) -> flask.Flask:
        """Return the app; ends the clause as `untested` where it is not a Flask object."""
        return self.flask_app

    def renew(self) -> None:
        """Drop the app, so that the next use makes a new one."""
        if self._app is not None:
            self.bench.stop(self._app)
            self._app = None

    def client(self, app: WSGIApp | None = None, host: str = "localhost") -> Client:
        """Return a new client, with no cookies, of the app or of another WSGI callable."""
        server = self.bench.serve(self.app if app is None else app)
        client = Client(server, self.ledger, host)
        # No server that a user starts has it below the prefix.
        client.repeatable = not isinstance(app, Mounted)
        if isinstance(app, Mounted):
            client.prefix = app.prefix
        if self._people.needed:
            client.attend = self._people.attend
            client.copied = _keeps_sessions_in_cookies(self.app)
        return client

    @functools.cached_property
    def _people(self) -> People:
        """Who logs in for routes with `as`; a component's host app knows nobody."""
        people = {} if self.kind.startswith("component") else self.bench.subject.people
        binding = unwatched(self.binding) if people else Binding()
        return People(people, binding, self.alone, self.bench.problems)

    def clock(self) -> Clock:
        """Stop the clock for the rest of the clause, and give what moves it.

        Ends the clause as `untested` where the subject runs in another process.
        """
        self.inside()
        if self._clock is None:
            self._clock = self.bench.enter(stopped_clock(self.ledger.note))
        return self._clock

    @property
    def clock_stopped(self) -> bool:
        """Whether the clause has stopped the clock."""
        return self._clock is not None

    def view_of(self, name: str) -> Location | None:
        """Return where the view is written that answers a request, such as `GET /`, if known.

        Raises what the rules of the app raise where none fits.
        """
        import flask

        method, _, path = name.partition(" ")
        if not isinstance(self._app, flask.Flask):
            return None
        endpoint, _ = self._app.url_map.bind("localhost").match(unquote(path), method)
        view = self._app.view_functions[endpoint]
        return source_of(getattr(view, "view_class", view))

    @contextlib.contextmanager
    def tab(self, app: WSGIApp | None = None) -> Iterator[Tab]:
        """Give a new tab of a real browser, over the transport or, in process, a real server.

        Ends the clause as `untested` where there is no browser.
        """
        from ..instruments.browser import open_tab

        server = self.bench.serve(self.app if app is None else app, browser=True)
        path = self.bench.subject.services.get("chromium")
        with open_tab(server.base_url, self.ledger, path) as tab:
            if self._people.needed:
                tab.attend = self._arrivals(self.client(app))
            yield tab

    def _arrivals(self, client: Client) -> Callable[[str], Client | None]:
        """Return what logs a client in for a path that a tab opens, where the path is somebody's.

        It gives the client when somebody has logged in with it: the tab goes on as that person.
        """

        def attend(target: str) -> Client | None:
            before = client.person
            self._people.attend(client, Request.build("GET", target))
            return client if client.person != before else None

        return attend

    def returned_by(self, request: Request) -> str:
        """Say which before-request function of the app responds to a request, if one does."""
        found: list[Callable[..., object]] = []

        def watched(function: Callable[..., Any]) -> Callable[..., Any]:
            if inspect.iscoroutinefunction(function):
                return function

            @functools.wraps(function)
            def call() -> Any:
                returned = function()
                if returned is not None:
                    found.append(function)
                return returned

            return call

        if not self.bench.transport.same_process:
            return ""
        functions = self.flask_app.before_request_funcs
        before = {name: list(each) for name, each in functions.items()}
        try:
            for name, each in before.items():
                functions[name] = [watched(function) for function in each]
            # Any page of an app may be endless.
            with contextlib.suppress(Exception), self.client().stream(request):
                pass
        finally:
            functions.update(before)
        return f"the before-request function {named(found)} responds to it." if found else ""

    def inside(self) -> None:
        """Say that the clause looks inside the subject's process."""
        if not self.bench.transport.same_process:
            raise Untested(
                "looks inside the application: "
                f"{self.bench.transport.name} runs it in another process"
            )

    @contextlib.contextmanager
    def elsewhere(self) -> Iterator[None]:
        """Work from another directory while the block runs."""
        self.inside()
        was = os.getcwd()
        os.chdir(self.bench.folder())
        self.ledger.note("the process changes to another working directory")
        try:
            yield
        finally:
            os.chdir(was)

    def only_wsgi(self, why: str) -> None:
        """Say that the clause needs the in-process transport."""
        if self.bench.transport.name != "wsgi":
            raise Untested(f"{why}: only the wsgi transport can")

    def prepare(self, client: Client, route: Route, **parts: Any) -> Request:
        """Return the request of a bound route (see `Route.request`).

        The hidden inputs of its form page are fetched and filled in; where none is named, the
        token of the form at its own path, if there is one.
        """
        if (at := self._token_page(route)) is not None:
            tokens = Page(client.get(at).text).tokens()
            parts["fields"] = {**tokens, **(parts.get("fields") or {})}
        return prepared(client, route, **parts)

    def _token_page(self, route: Route) -> str | None:
        """Return the page whose form has the token that a route's request lacks."""
        if route.form_page is not None or route.method in SAFE or route.json_body is not None:
            return None
        if route.path not in self._token_pages:
            with self.aside():
                has = "{" not in route.path and Page(self.client().get(route.path).text).tokens()
                self._token_pages[route.path] = route.path if has else None
        return self._token_pages[route.path]

    @functools.cached_property
    def _token_pages(self) -> dict[str, str | None]:
        return {}

    def send(self, client: Client, route: Route, **parts: object) -> Response:
        """Send a bound route, as `prepare` gives it."""
        return client.send(self.prepare(client, route, **parts))

    def send_logout(self, client: Client) -> Response:
        """Send the bound logout; `Broken`, with whose it is, if there is none, or if it fails."""
        response = self.send(client, self.need("logout"))
        if response.status in (404, 405) or response.status >= 500:
            # Whoever is still logged in then would look like a fault of the page.
            raise self.broken("logout", f"{response.request} answers {response.status}")
        return response

    @contextlib.contextmanager
    def signals(self, *signals: Signal) -> Iterator[list[tuple[Signal, dict[str, Any]]]]:
        """Record what Flask's signals send while the block runs: pairs of signal and values."""
        self.inside()
        heard: list[tuple[Signal, dict[str, object]]] = []
        with contextlib.ExitStack() as stack:
            for signal in signals:

                def receiver(sender: object, _signal: Signal = signal, **values: object) -> None:
                    heard.append((_signal, values))

                stack.enter_context(signal.connected_to(receiver))
            yield heard

    def send_and_look(
        self,
        client: Client,
        request: Request,
        look: Callable[[], T],
        *,
        finished: bool = False,
        sender: object = None,
    ) -> tuple[Response, T | None]:
        """Send a request and give the answer and what `look` gives inside the application.

        `look` is called when Flask's `request_started` (or, with `finished`,
        `request_finished`) is sent for this request, and not for others that are on
        their way at the same time; None where it never was. `sender` is the app whose
        signal counts, instead of the subject's; with `blinker.ANY` and an app that hands
        the request on to another, the innermost one is looked at.
        """
        import flask

        self.inside()
        mark = str(next(_marks))
        seen: list[T] = []

        def listen(sender: object, **values: object) -> None:
            if flask.request.headers.get(MARK) == mark:
                seen.append(look())

        signal = flask.request_finished if finished else flask.request_started
        sender = self.flask_app if sender is None else sender
        with signal.connected_to(listen, sender=sender):
            response = client.send(request.with_headers((MARK, mark)))
        return response, seen[-1] if seen else None

    # What the preflight asks.

    def wrong_keys(self) -> Mapping[str, str]:
        """Say what is wrong with keys of the binding that no request shows, by key."""
        return {}

    def probes(self) -> Sequence[Probe]:
        """Return the requests that show whether the bound routes exist; none for a component.

        A route whose path has a value to come, as `/members/{name}`, is asked by the clauses alone.
        """
        if self.kind != "routes":
            return []
        return [
            Probe(key, value)
            for key, value in self._routes()
            if value.method in ("GET", "POST") and "{" not in value.path
        ]

    def _routes(self) -> Iterator[tuple[str, Route]]:
        for key in self.binding.key_names():
            value = getattr(self.binding, key)
            if isinstance(value, Route) and self.binding.origin(key) is None:
                yield key, value


def named(functions: Sequence[Callable[..., object]]) -> str:
    """Return the names of functions, with where each is written if that is known."""
    shown = []
    for function in functions:
        place = source_of(function)
        name = getattr(function, "__name__", type(function).__name__)
        shown.append(f"`{name}`" + ("" if place is None else f" ({place.file}:{place.line})"))
    return ", ".join(shown)


class Ability:
    """Actions that some kinds of a pattern's harness have and others do not.

    A class that derives from the pattern's harness and from this one names a few such actions;
    the kinds that have them derive from it. A clause asks a harness for them with `of`.

        class Store(CachingHarness, Ability, because="asks the cache itself"):
            @abc.abstractmethod
            def get(self, key: str) -> object: ...

    `given_by` are the keys of the pattern's table of which one binds a kind with these
    actions; `because` is what a reason says after them, or all that it says where there are none.
    """

    _given_by: ClassVar[Sequence[str]] = ()
    _because: ClassVar[str] = ""

    def __init_subclass__(cls, given_by: Sequence[str] = (), because: str = "") -> None:
        super().__init_subclass__()
        if given_by or because:
            cls._given_by, cls._because = given_by, because

    @classmethod
    def of(cls: type[A], harness: Harness[Any]) -> A:
        """Return the harness as one with these actions.

        Ends the clause as `untested`, with the keys named, where the harness is of another kind.
        """
        if isinstance(harness, cls):
            return harness
        if cls._given_by and harness.binding.filled.keys() >= {*cls._given_by}:
            raise Untested.for_people(hint=cls._because)
        if cls._given_by:
            raise Untested.for_keys(harness.slug, *cls._given_by, hint=cls._because)
        raise Untested(cls._because)


class Mounted:
    """A WSGI callable that has an app below a prefix, as a front server would mount it."""

    def __init__(self, app: WSGIApp, prefix: str) -> None:
        self._app = app
        self.prefix = prefix

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Hand the request on without the prefix; 404 for what is not below it."""
        path = environ["PATH_INFO"]
        if path != self.prefix and not path.startswith(self.prefix + "/"):
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"outside of the mount"]
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + self.prefix
        environ["PATH_INFO"] = path[len(self.prefix) :]
        return self._app(environ, start_response)


def _keeps_sessions_in_cookies(app: object) -> bool:
    """Check whether an app's session is wholly in its cookie, as Flask's own is."""
    from flask.sessions import SecureCookieSessionInterface

    return type(getattr(app, "session_interface", None)) is SecureCookieSessionInterface


@dataclasses.dataclass(frozen=True)
class Probe:
    """A request that the preflight sends for a key of a binding."""

    key: str
    #: A bound route is sent as `Harness.prepare` gives it.
    request: Request | Route
    #: Statuses that show that the route is not what was meant.
    wrong: tuple[int, ...] = (404, 405)
    #: Whether a failing answer is for a clause to find, and does not break it.
    fails: bool = False
    #: What a route's request has beside: see `Route.request`.
    parts: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def prepared(self, harness: Harness[Any], client: Client) -> Request:
        """Return the request for a client."""
        if isinstance(self.request, Route):
            return harness.prepare(client, self.request, **self.parts)
        return self.request

    def __str__(self) -> str:
        request = self.request
        return str(request.request(**self.parts) if isinstance(request, Route) else request)
