"""Application Dispatching: whole applications side by side, chosen by host or by path."""

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

#: The domain that a subdomain dispatcher is made for.
DOMAIN = "example.com"

#: A name that begins so is nobody's: the creator gives no application for it.
NOBODY = "no-"

#: The prefix that a front server adds when a clause puts one before the subject.
OUTER = "/outer"

#: What the kit's own applications answer with.
_SEEN_TYPE = "application/x-conformance+json"

#: Request headers that have the session changed where the request ends.
PUT, DROP = "X-Conformance-Put", "X-Conformance-Drop"


class AppDispatch(Binding):
    """How a subject exposes dispatching."""

    subdomain_dispatcher: Component = None
    """The dispatcher by subdomain, called with `(domain, create_app)`; gives a WSGI callable."""
    path_dispatcher: Component = None
    """The dispatcher by path, called with `(default_app, create_app)`; gives a WSGI callable."""
    unknown: Literal["not-found", "none"] = "not-found"
    """What `create_app` gives for an unknown subdomain: a `NotFound()`, as the docs do, or None."""
    mounts: (
        dict[Annotated[str, Field(pattern=r"^(/[^/]+)+$")], Annotated[str, Field(pattern="^/")]]
        | None
    ) = Field(default=None, min_length=1)
    """All prefixes of a combined app, each with a path below it that answers 200."""


@dataclasses.dataclass(frozen=True)
class Place:
    """Where an application is reached: the host, and the prefix as it is sent."""

    host: str
    prefix: str
    #: A path below the prefix that the application has.
    page: str = "/"


@dataclasses.dataclass(frozen=True)
class Seen:
    """What the application that a request ended in saw of it."""

    app: str
    #: What the kit's creator was called with; None for another application.
    key: str | None
    script_name: str
    path_info: str
    query: str
    endpoint: str | None
    #: What `url_for` gives for the page that was asked for.
    url: str | None
    #: What an earlier request put into the session.
    session: str | None
    has_session: bool
    #: The application that marked the configuration first.
    marked_by: str


def look() -> Seen:
    """Return what the current Flask request looks like, then change the session as it asks."""
    request, session = flask.request, flask.session
    app = cast(Any, flask.current_app)._get_current_object()
    key, label = app.extensions.get("conformance", (None, f"{app.name} at {id(app):#x}"))
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
        marked_by=app.config.setdefault("CONFORMANCE_MARKED_BY", label),
    )
    if has_session and PUT in request.headers:
        session["conformance"] = request.headers[PUT]
    elif has_session and DROP in request.headers:
        session.pop("conformance", None)
    return seen


def echo_app(label: str, key: str | None = None, cookie_path: str = "/") -> flask.Flask:
    """Return an app that answers every path with what it saw, and keeps its session to itself."""
    app = flask.Flask("conformance_tenant", static_folder=None)
    app.config.update(
        PROPAGATE_EXCEPTIONS=True,
        SECRET_KEY=f"of {key}",
        SESSION_COOKIE_NAME="session" if key is None else f"session-{key.encode().hex()}",
        SESSION_COOKIE_PATH=cookie_path,
    )
    app.extensions["conformance"] = key, label

    # A hook, as it also runs where no rule matches.
    @app.before_request
    def echo() -> flask.Response:
        return flask.Response(flask.json.dumps(dataclasses.asdict(look())), mimetype=_SEEN_TYPE)

    app.add_url_rule("/", "home", echo)
    app.add_url_rule("/<path:rest>", "page", echo)
    return app


def read_seen(response: Response) -> Seen | None:
    """Read what one of the kit's own apps saw out of its answer; None for another answer."""
    return Seen(**response.json()) if response.mimetype == _SEEN_TYPE else None


class Tenants:
    """Creates applications as a subject's own creator would, and counts them.

    A name exists as `exists` says, unless `outcomes` has another outcome for it.
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
        self.outcomes: dict[str, Literal["raises", "absent"]] = {}
        #: Called first of all, with the name: where a clause makes creating slow.
        self.creating: Callable[[str], object] = lambda name: None
        #: Called where an application answers, with the name: where a clause makes that slow.
        self.answering: Callable[[str], object] = lambda name: None

    def create(self, name: str) -> object:
        """Create the application of a name."""
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
    """What the clauses do with dispatching, whichever way it is bound."""

    @abc.abstractmethod
    def mount(self, name: str) -> Place:
        """Return where the application of a name is; of a combined app one of those bound."""

    @abc.abstractmethod
    def places(self) -> Sequence[Place]:
        """Return where several applications are, the default one too where there is one."""

    @functools.cached_property
    def below(self) -> WSGIApp:
        """The app behind a front server that has it below `OUTER`."""
        return Mounted(self.app, OUTER)

    def ask(
        self,
        target: str,
        host: str | None = "localhost",
        *,
        client: Client | None = None,
        headers: Sequence[tuple[str, str]] = (),
    ) -> tuple[Response, Seen | None]:
        """Send a GET; give the answer and what was seen of it by the application it ended in.

        None where that is no application of the kit's or of Flask's.
        """
        request = Request.build("GET", target, host=host, headers=headers)
        return self.look_at(request, client or self.client())

    def look_at(self, request: Request, client: Client) -> tuple[Response, Seen | None]:
        """Send a request to one of the kit's own applications."""
        response = client.send(request)
        return response, read_seen(response)

    def visit(self, place: Place, rest: str = "", **parts: Any) -> tuple[Response, Seen | None]:
        """Ask for a path below a place's prefix."""
        return self.ask(place.prefix + rest, place.host, **parts)


class ByPath(AppDispatchHarness, Ability, given_by=("path_dispatcher", "mounts")):
    """The path says which application is asked."""


class Dispatcher(AppDispatchHarness, Ability, given_by=("subdomain_dispatcher", "path_dispatcher")):
    """A bound dispatcher over small apps that the kit's own creator makes."""

    _tenants: Tenants

    @property
    def tenants(self) -> Tenants:
        """The creator that the current dispatcher calls."""
        self.need_app()
        return self._tenants

    def make(self, first: object) -> WSGIApp:
        """Make the dispatcher, with its first argument."""
        key = self.keys[0]
        dispatcher = self.component(key)
        name = getattr(dispatcher, "__name__", key)
        made = self.call(f"{name}(...)", dispatcher, first, self._tenants.create)
        return cast(WSGIApp, made)

    def kept(self, mark: str) -> int:
        """Count the texts with a mark in them that the dispatcher holds on to."""
        self.inside()
        gc.collect()
        found: set[str] = set()
        passed = {id(self.tenants), id(self.ledger)}
        left = [self.app]
        while left:
            here = left.pop()
            if id(here) in passed or isinstance(here, (type, types.ModuleType)):
                continue
            passed.add(id(here))
            if isinstance(here, str):
                if mark in here:
                    found.add(here)
            # Not into a module by way of its functions.
            elif not (isinstance(here, dict) and "__builtins__" in here):
                left += gc.get_referents(here)
                # The collector passes over keys that are text.
                left += here if isinstance(here, dict) else ()
        return len(found)


class SubdomainDispatch(Dispatcher, given_by=("subdomain_dispatcher",)):
    """A dispatcher by subdomain."""

    kind = "component subdomain_dispatcher"
    keys = ("subdomain_dispatcher",)

    def make_app(self) -> WSGIApp:
        """Make a dispatcher for `DOMAIN`; any well-formed subdomain exists, and the domain."""
        refusal = NotFound if self.binding.unknown == "not-found" else lambda: None
        self._tenants = Tenants(_is_subdomain, lambda name: "/", refusal)
        return self.make(DOMAIN)

    def mount(self, name: str) -> Place:
        """Return the subdomain of that name."""
        return Place(f"{name}.{DOMAIN}", "")

    def places(self) -> Sequence[Place]:
        """Return two subdomains and the domain itself."""
        return [self.mount("alice"), self.mount("bob"), Place(DOMAIN, "")]


class PathDispatch(Dispatcher, ByPath, given_by=("path_dispatcher",)):
    """A dispatcher by the first segment of the path."""

    kind = "component path_dispatcher"
    keys = ("path_dispatcher",)

    def make_app(self) -> WSGIApp:
        """Make a dispatcher over a default app; any segment exists that is a name."""
        self._tenants = Tenants(
            lambda name: name not in ("", ".", "..") and not name.startswith(NOBODY),
            lambda name: "/" + safe_path(name),
            lambda: None,
        )
        return self.make(echo_app("the default app"))

    def mount(self, name: str) -> Place:
        """Return the path of that name."""
        return Place("localhost", "/" + safe_path(name))

    def places(self) -> Sequence[Place]:
        """Return two paths and the default app's."""
        return [self.mount("alice"), self.mount("bob"), Place("localhost", "")]


class CombinedApp(ByPath, given_by=("mounts",)):
    """An app that has others below prefixes; Flask's signals tell which one a request ends in."""

    kind = "routes"
    keys = ("mounts",)

    @functools.cached_property
    def mounts(self) -> list[Place]:
        """The bound prefixes."""
        return [
            Place("localhost", safe_path(prefix), page)
            for prefix, page in self.need("mounts").items()
        ]

    @functools.cached_property
    def watched(self) -> list[Place]:
        """The bound prefixes of Flask apps: what another WSGI callable saw, nobody can tell."""
        return [place for place in self.mounts if self.visit(place, place.page)[1] is not None]

    def mount(self, name: str) -> Place:
        """Return one of the bound prefixes of Flask apps that lie below no other."""
        outermost = [p for p in self.watched if self.owner(p.prefix.rpartition("/")[0]) == ""]
        if not outermost:
            raise Untested("needs a Flask app at one of the mounts")
        return outermost[sum(map(ord, name)) % len(outermost)]

    def places(self) -> Sequence[Place]:
        """Return the bound prefix of every Flask app, and the main app's paths."""
        return [*self.watched, Place("localhost", "")]

    def owner(self, target: str) -> str:
        """Return the longest bound prefix that a path lies below; "" for the main app's."""
        owners = [p.prefix for p in self.mounts if f"{target}/".startswith(f"{p.prefix}/")]
        return max(owners, key=len, default="")

    def look_at(self, request: Request, client: Client) -> tuple[Response, Seen | None]:
        """Send a request and listen to the signal of whichever Flask app it ends in."""
        return self.send_and_look(client, request, look, sender=blinker.ANY)

    def probes(self) -> Sequence[Probe]:
        """Return a request for the page of each bound prefix."""
        return [
            Probe("mounts", Request.build("GET", place.prefix + place.page))
            for place in self.mounts
        ]


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
