"""Application Dispatching: several WSGI applications in one process, chosen by host or path."""

from __future__ import annotations

import abc
import contextlib
import dataclasses
import functools
import gc
import re
import types
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal, cast
from urllib.parse import urlsplit

import blinker
import flask
from pydantic import Field
from werkzeug.exceptions import NotFound
from werkzeug.routing import BuildError

from ..core.errors import Untested
from ..subject.config import Binding, Component
from ..transports import Client, Request, Response, WSGIApp, safe_path
from . import Pattern
from .harness import Ability, Harness, Mounted, Probe

#: The domain that a subdomain dispatcher is created for.
DOMAIN = "example.com"

#: How unknown names begin: the creator returns no application for them.
NOBODY = "no-"

#: The prefix at which a clause mounts the whole subject, as a front server would.
OUTER = "/outer"

#: The media type of the responses of the kit's own applications.
_SEEN_TYPE = "application/x-conformance+json"

#: Request headers that ask the application to change the session.
PUT, DROP = "X-Conformance-Put", "X-Conformance-Drop"

#: What tells apps with the same name from each other.
_ADDRESS = re.compile(r" at 0x[0-9a-f]+$")


class AppDispatch(Binding):
    """How a subject exposes dispatching."""

    subdomain_dispatcher: Component = None
    """The dispatcher by subdomain, called with `(domain, create_app)`; returns a WSGI callable."""
    path_dispatcher: Component = None
    """The dispatcher by path, called with `(default_app, create_app)`; returns a WSGI callable."""
    unknown: Literal["not-found", "none"] = "not-found"
    """What `create_app` returns for an unknown subdomain: `NotFound()`, as in the docs, or None."""
    mounts: (
        dict[Annotated[str, Field(pattern=r"^(/[^/]+)+$")], Annotated[str, Field(pattern="^/")]]
        | None
    ) = Field(default=None, min_length=1)
    """Every prefix of a combined app, each with a path below it that answers 200."""


@dataclasses.dataclass(frozen=True)
class Place:
    """Where an application is reached: the host, and the percent-encoded prefix."""

    host: str
    prefix: str
    #: A path below the prefix that the application serves.
    page: str = "/"


@dataclasses.dataclass(frozen=True)
class Seen:
    """What the application that handled a request saw of it."""

    app: str
    #: What the kit's creator was called with; None if it did not create the application.
    key: str | None
    script_name: str
    path_info: str
    query: str
    endpoint: str | None
    #: What `url_for` returns for the requested page.
    url: str | None
    #: What an earlier request stored in the session.
    session: str | None
    has_session: bool
    #: The session cookie's name and path.
    cookie: str
    #: The first application that marked this configuration object.
    marked_by: str

    @property
    def name(self) -> str:
        """The application's name, without what tells it from others of that name."""
        return _ADDRESS.sub("", self.app)


def look() -> Seen:
    """Return what the current Flask request looks like, then change the session if asked to."""
    request, session = flask.request, flask.session
    app = cast(Any, flask.current_app)._get_current_object()
    key, label = app.extensions.get("conformance", (None, f"the app {app.name!r} at {id(app):#x}"))
    interface = app.session_interface
    url = None
    if request.endpoint is not None:
        with contextlib.suppress(BuildError):
            url = urlsplit(flask.url_for(request.endpoint, **(request.view_args or {}))).path
    has_session = not isinstance(session, flask.sessions.NullSession)
    seen = Seen(
        app=label,
        key=key,
        script_name=request.environ.get("SCRIPT_NAME", ""),
        path_info=request.environ.get("PATH_INFO", ""),
        query=request.environ.get("QUERY_STRING", ""),
        endpoint=request.endpoint,
        url=url,
        session=session.get("conformance"),
        has_session=has_session,
        cookie=f"{interface.get_cookie_name(app)!r} with the path "
        f"{interface.get_cookie_path(app)!r}",
        marked_by=app.config.setdefault("CONFORMANCE_MARKED_BY", label),
    )
    if has_session and PUT in request.headers:
        session["conformance"] = request.headers[PUT]
    elif has_session and DROP in request.headers:
        session.pop("conformance", None)
    return seen


def echo_app(label: str, key: str | None = None, cookie_path: str = "/") -> flask.Flask:
    """Return an app that answers every path with what it saw, with a session cookie of its own."""
    app = flask.Flask("conformance_tenant", static_folder=None)
    app.config.update(
        PROPAGATE_EXCEPTIONS=True,
        SECRET_KEY=f"of {key}",
        SESSION_COOKIE_NAME="session" if key is None else f"session-{key.encode().hex()}",
        SESSION_COOKIE_PATH=cookie_path,
    )
    app.extensions["conformance"] = key, label

    # A hook, because it also runs if no rule matches.
    @app.before_request
    def echo() -> flask.Response:
        return flask.Response(flask.json.dumps(dataclasses.asdict(look())), mimetype=_SEEN_TYPE)

    app.add_url_rule("/", "home", echo)
    app.add_url_rule("/<path:rest>", "page", echo)
    return app


def read_seen(response: Response) -> Seen | None:
    """Parse the response of one of the kit's own apps; return None for any other response."""
    return Seen(**response.json()) if response.mimetype == _SEEN_TYPE else None


class Tenants:
    """Creates applications as a subject's own creator would, and counts them.

    `exists` says which names are known, unless `outcomes` overrides it.
    """

    def __init__(
        self,
        exists: Callable[[str], bool],
        cookie_path: Callable[[str], str],
        refusal: Callable[[], object],
    ) -> None:
        self._exists = exists
        self._cookie_path = cookie_path
        self._refusal = refusal
        self.made: Counter[str] = Counter()
        #: How often the creator was called for each name, whatever came of it.
        self.asked: Counter[str] = Counter()
        self.outcomes: dict[str, Literal["raises", "absent"]] = {}
        #: Called with the name before anything else; a clause makes creation slow with it.
        self.creating: Callable[[str], object] = lambda name: None
        #: Called with the name when an application answers; a clause makes answers slow with it.
        self.answering: Callable[[str], object] = lambda name: None

    def create(self, name: str) -> object:
        """Create the application for a name, or raise or refuse as `outcomes` says."""
        self.asked[name] += 1
        self.creating(name)
        outcome = self.outcomes.get(name)
        if outcome == "raises":
            raise RuntimeError(f"the application of {name!r} cannot be created now")
        if outcome == "absent" or not self._exists(name):
            return self._refusal()
        self.made[name] += 1
        label = f"instance {self.made[name]} of {name!r}"
        app = echo_app(label, name, self._cookie_path(name))

        def answer() -> None:
            self.answering(name)

        app.before_request_funcs[None].insert(0, answer)
        return app


class AppDispatchHarness(Harness[AppDispatch], abc.ABC):
    """What the clauses do with dispatchers and combined apps."""

    @abc.abstractmethod
    def mount(self, name: str) -> Place:
        """Return where the application of a name is; for a combined app, one of its mounts."""

    @abc.abstractmethod
    def places(self) -> Sequence[Place]:
        """Return the places of several applications, and of the default one if there is one."""

    def places_of_different_apps(self) -> list[Place]:
        """Return the places, without those that lead to an application of another place."""
        return list(self.places())

    @functools.cached_property
    def below(self) -> WSGIApp:
        """The app mounted at `OUTER`, as behind a front server."""
        return Mounted(self.app, OUTER)

    def ask(
        self,
        target: str,
        host: str | None = "localhost",
        *,
        client: Client | None = None,
        headers: Sequence[tuple[str, str]] = (),
    ) -> tuple[Response, Seen | None]:
        """Send a GET; return the response and what the application that handled it saw.

        The latter is None unless that is a Flask app or one of the kit's own.
        """
        request = Request.build("GET", target, host=host, headers=headers)
        return self.look_at(request, client or self.client())

    def look_at(self, request: Request, client: Client) -> tuple[Response, Seen | None]:
        """Send a request; return the response and what the application saw."""
        response = client.send(request)
        return response, read_seen(response)

    def visit(self, place: Place, rest: str = "", **parts: Any) -> tuple[Response, Seen | None]:
        """Request a path below a place's prefix."""
        return self.ask(place.prefix + rest, place.host, **parts)


class ByPath(AppDispatchHarness, Ability, given_by=("path_dispatcher", "mounts")):
    """The path selects the application."""


class Dispatcher(AppDispatchHarness, Ability, given_by=("subdomain_dispatcher", "path_dispatcher")):
    """A bound dispatcher over small apps that the kit creates."""

    _tenants: Tenants

    @property
    def tenants(self) -> Tenants:
        """The creator that the current dispatcher calls."""
        self.need_app()
        return self._tenants

    def make(self, first: object) -> WSGIApp:
        """Create the dispatcher with its first argument."""
        key = self.keys[0]
        dispatcher = self.component(key)
        name = getattr(dispatcher, "__name__", key)
        given = repr(first) if isinstance(first, str) else "default_app"
        made = self.call(f"{name}({given}, create_app)", dispatcher, first, self._tenants.create)
        return cast(WSGIApp, made)

    def kept(self, mark: str) -> tuple[int, str]:
        """Count the strings containing a mark that the dispatcher keeps references to.

        Returns with it the attribute that most of them are kept in.
        """
        self.inside()
        gc.collect()
        found: dict[str, str] = {}
        passed = {id(self.tenants), id(self.ledger)}
        left: list[tuple[object, str]] = [(self.app, "")]
        while left:
            here, held_in = left.pop()
            if id(here) in passed or isinstance(here, (type, types.ModuleType)):
                continue
            passed.add(id(here))
            if isinstance(here, str):
                if mark in here:
                    found.setdefault(here, held_in)
            # Do not follow functions into their modules.
            elif not (isinstance(here, dict) and "__builtins__" in here):
                left += [(each, held_in) for each in gc.get_referents(here)]
                # The garbage collector does not track keys that are strings.
                left += [(each, held_in) for each in here] if isinstance(here, dict) else []
                # Last, and so taken first: what an attribute holds is found under its name.
                left += _attributes(here)
        places = Counter(found.values()).most_common(1)
        return len(found), places[0][0] if places else ""


class SubdomainDispatch(Dispatcher, given_by=("subdomain_dispatcher",)):
    """A dispatcher by subdomain."""

    kind = "component subdomain_dispatcher"
    keys = ("subdomain_dispatcher",)

    def make_app(self) -> WSGIApp:
        """Create a dispatcher for `DOMAIN`; the domain and well-formed subdomains exist."""
        refusal = NotFound if self.binding.unknown == "not-found" else lambda: None
        self._tenants = Tenants(_is_subdomain, lambda name: "/", refusal)
        return self.make(DOMAIN)

    def mount(self, name: str) -> Place:
        """Return the place of a subdomain."""
        return Place(f"{name}.{DOMAIN}", "")

    def places(self) -> Sequence[Place]:
        """Return two subdomains and the domain itself."""
        return [self.mount("alice"), self.mount("bob"), Place(DOMAIN, "")]


class PathDispatch(Dispatcher, ByPath, given_by=("path_dispatcher",)):
    """A dispatcher by the first segment of the path."""

    kind = "component path_dispatcher"
    keys = ("path_dispatcher",)

    def make_app(self) -> WSGIApp:
        """Create a dispatcher over a default app; any segment that is a name exists."""
        self._tenants = Tenants(
            lambda name: name not in ("", ".", "..") and not name.startswith(NOBODY),
            lambda name: "/" + safe_path(name),
            lambda: None,
        )
        return self.make(echo_app("the default app"))

    def mount(self, name: str) -> Place:
        """Return the place of a first path segment."""
        return Place("localhost", "/" + safe_path(name))

    def places(self) -> Sequence[Place]:
        """Return the places of two segments and of the default app."""
        return [self.mount("alice"), self.mount("bob"), Place("localhost", "")]


class CombinedApp(ByPath, given_by=("mounts",)):
    """An app with others mounted below prefixes; Flask's signals show which one is reached."""

    kind = "routes"
    keys = ("mounts",)

    @functools.cached_property
    def mounts(self) -> list[Place]:
        """The bound prefixes, as places."""
        return [
            Place("localhost", safe_path(prefix), page)
            for prefix, page in self.need("mounts").items()
        ]

    @functools.cached_property
    def watched(self) -> list[Place]:
        """The bound prefixes of Flask apps; other WSGI callables cannot be observed."""
        return [place for place in self.mounts if self.visit(place, place.page)[1] is not None]

    def mount(self, name: str) -> Place:
        """Return one of the outermost bound prefixes of Flask apps."""
        outermost = [p for p in self.watched if self.owner(p.prefix.rpartition("/")[0]) == ""]
        if not outermost:
            raise Untested("needs a Flask app at one of the mounts")
        return outermost[sum(map(ord, name)) % len(outermost)]

    def places(self) -> Sequence[Place]:
        """Return the bound prefixes of all Flask apps, and the place of the main app."""
        return [*self.watched, Place("localhost", "")]

    def places_of_different_apps(self) -> list[Place]:
        """Return one place of each Flask app, which may be mounted at several prefixes.

        Ends the clause as `untested` if there is only one.
        """
        found: dict[object, Place] = {}
        for place in self.places():
            seen = self.visit(place, place.page)[1]
            found.setdefault(place if seen is None else seen.app, place)
        if len(found) < 2:
            hint = " with two applications: each of them leads to one app"
            raise Untested.for_keys(self.slug, "mounts", hint=hint)
        return list(found.values())

    def owner(self, target: str) -> str:
        """Return the longest bound prefix that a path is below, or "" for the main app."""
        owners = [p.prefix for p in self.mounts if f"{target}/".startswith(f"{p.prefix}/")]
        return max(owners, key=len, default="")

    def look_at(self, request: Request, client: Client) -> tuple[Response, Seen | None]:
        """Send a request and listen to the signals of whichever Flask app handles it."""
        return self.send_and_look(client, request, look, sender=blinker.ANY)

    def probes(self) -> Sequence[Probe]:
        """Return a request for the page at each bound prefix.

        Below another prefix, an app that is not reached is for a clause to find.
        """
        outermost = {p.prefix for p in self.mounts if not self.owner(p.prefix.rpartition("/")[0])}
        return [
            Probe(
                "mounts",
                Request.build("GET", place.prefix + place.page),
                wrong=Probe.wrong if place.prefix in outermost else (),
            )
            for place in self.mounts
        ]


def _attributes(thing: object) -> list[tuple[object, str]]:
    """Return what the attributes of an object hold, each with the attribute's name and type."""
    try:
        held = dict(vars(thing))
    except Exception:
        # It has none, or stands for an object that is not there.
        return []
    kind = type(thing).__name__
    return [(each, f"{kind}.{name}, a {type(each).__name__}") for name, each in held.items()]


def _is_subdomain(name: str) -> bool:
    labels = r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*"
    return name == "" or (re.fullmatch(labels, name) is not None and not name.startswith(NOBODY))


pattern = Pattern(
    slug="appdispatch",
    title="Application Dispatching",
    sections={
        "": "Application Dispatching",
        "working-with-this-document": "Working with this Document",
        "combining-applications": "Combining Applications",
        "dispatch-by-subdomain": "Dispatch by Subdomain",
        "dispatch-by-path": "Dispatch by Path",
    },
    binding=AppDispatch,
    harnesses=(SubdomainDispatch, PathDispatch, CombinedApp),
)
