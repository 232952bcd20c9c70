"""Subclassing Flask: an application class or a request class of one's own."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast

import flask
from werkzeug.exceptions import HTTPException

from ..core.errors import Deviation, NotObserved, SubjectRaised, Untested
from ..core.told import where
from ..subject.config import Binding, Component, Route
from ..transports import Request
from ..transports.wsgi import make_environ
from . import Pattern
from .harness import Ability, Harness

T = TypeVar("T")

Pairs = list[tuple[str, str]]


def _containers() -> dict[str, object]:
    """Return the containers that Flask's own classes hold, by attribute name."""
    return {
        f"{owner.__name__}.{name}": value
        for owner in (*flask.Flask.__mro__, *flask.Request.__mro__)
        for name, value in vars(owner).items()
        if isinstance(value, (dict, list, set)) and not name.startswith("__")
    }


#: Flask's own containers before any app of a subclass was created.
_PRISTINE = copy.deepcopy(_containers())


class Subclassing(Binding):
    """How a subject exposes the classes that it derives from Flask's."""

    app_class: Component = None
    """A class derived from `Flask`; instantiated as `app_class(import_name)`."""
    request_class: Component = None
    """A class derived from `flask.Request`."""
    page: Route | None = None
    """A page of the app that returns 200; the app's class is examined."""
    ordered: bool = True
    """Whether request parameters should keep the order in which they were sent."""


class SubclassingHarness(Harness[Subclassing]):
    """Runs requests through the class and examines what it makes of them."""

    def within(self, request: Request, function: Callable[[], T]) -> T:
        """Call a function in a request context of the app for the given request.

        An `HTTPException` is passed to the caller; any other exception is a deviation.
        """
        self.inside()
        self.ledger.call(str(request))
        try:
            with self.flask_app.request_context(make_environ(request)):
                return function()
        except (HTTPException, NotObserved, AssertionError):
            raise
        except Exception as error:
            raise SubjectRaised(f"a context for {request}", error, where(error)) from error

    def parsed(self, request: Request) -> tuple[Pairs, Pairs]:
        """Return the query's and the form's pairs, as the application iterates over them."""
        return self.within(request, _pairs)

    def changed_in_flask(self) -> dict[str, tuple[object, object]]:
        """Return what has changed in Flask's own classes: by name, the old and the new value."""
        found = {
            name: (was, _containers()[name])
            for name, was in _PRISTINE.items()
            if name in _containers()
        }
        return {name: pair for name, pair in found.items() if pair[0] != pair[1]}

    def overrides(self, base: type, *names: str, app: flask.Flask | None = None) -> str:
        """Say which attributes of Flask's class the subject's overrides, if any of `names`.

        `base` is `flask.Flask` or `flask.Request`; without names, any of its functions counts.
        """
        app = app or self.flask_app
        own = type(app) if base is flask.Flask else app.request_class
        found: dict[str, object] = {}
        for owner in own.__mro__[: own.__mro__.index(base)] if issubclass(own, base) else ():
            for name, value in vars(owner).items():
                known = name in names if names else inspect.isfunction(getattr(base, name, None))
                if known and name != "__init__":
                    found.setdefault(name, value)
        shown = [
            f"`{name}`" + ("" if callable(value) or hasattr(value, "__get__") else f" as {value!r}")
            for name, value in found.items()
        ]
        return f"{own.__name__} overrides {', '.join(shown)}." if shown else ""

    def page(self) -> Request:
        """Return a request for a page that returns 200."""
        return Request.build("GET", "/page")

    def keeps_order(self) -> None:
        """End the clause as `untested` unless parameters should keep their order."""
        if not self.binding.ordered:
            raise Untested.for_keys(self.slug, "ordered", hint=": it is false")


class OwnClass(SubclassingHarness, Ability, given_by=("app_class",)):
    """The app is an instance of the subject's own class."""

    @property
    def app_class(self) -> type[flask.Flask]:
        """The class of the app."""
        return type(self.flask_app)

    def overridden(self) -> dict[str, tuple[Callable[..., object], Callable[..., object]]]:
        """Return the overridden functions of Flask: by name, the class's own and Flask's."""
        found: dict[str, tuple[Callable[..., object], Callable[..., object]]] = {}
        for owner in self.app_class.__mro__:
            if owner is flask.Flask:
                break
            for name, function in vars(owner).items():
                base = getattr(flask.Flask, name, None)
                if name == "__init__" or base is None or not inspect.isfunction(base):
                    continue
                if inspect.isfunction(function):
                    found.setdefault(name, (function, base))
        return found


class Hosted(SubclassingHarness, Ability, given_by=("app_class", "request_class")):
    """The app is a host app."""

    def make_flask_app(self) -> flask.Flask:
        """Return a new host app with what is bound."""
        return cast(flask.Flask, self.make_app())

    def plain_app(self) -> flask.Flask:
        """Create the same host app of Flask's own class, for comparison."""
        return _host(flask.Flask(__name__))

    def parsed(self, request: Request) -> tuple[Pairs, Pairs]:
        """Return the pairs that the host app echoes."""
        response = self.client().send(request)
        if response.status != 200:
            raise Deviation(f"200 for {request}", str(response))
        args, form = response.json()
        return [(name, value) for name, value in args], [(name, value) for name, value in form]


class AppClassComponent(Hosted, OwnClass, given_by=("app_class",)):
    """The application class, as the class of a host app."""

    kind = "component app_class"
    keys = ("app_class",)

    def new_app(self) -> flask.Flask:
        """Create a host app of the class."""
        return _host(self.named_app(__name__))

    def named_app(self, name: str) -> flask.Flask:
        """Create an app of the class with an import name."""
        made = self.call(f"app_class({name!r})", self.component("app_class"), name)
        return cast(flask.Flask, made)

    def make_app(self) -> flask.Flask:
        """Return the host app."""
        return self.new_app()


class RequestClassComponent(Hosted):
    """The request class, in a host app whose class sets it."""

    kind = "component request_class"
    keys = ("request_class",)

    def make_app(self) -> flask.Flask:
        """Return the host app, whose class sets the request class."""
        named = {"request_class": self.component("request_class")}
        return _host(type("HostApp", (flask.Flask,), named)(__name__))


class SubclassingRoutes(OwnClass):
    """The subject's app."""

    kind = "routes"
    keys = ("page",)

    def page(self) -> Request:
        """Return the request for the bound page."""
        return cast(Route, self.need("page")).request()


def _pairs() -> tuple[Pairs, Pairs]:
    request = flask.request
    return list(request.args.items(multi=True)), list(request.form.items(multi=True))


def _host(app: flask.Flask) -> flask.Flask:
    app.config.update(PROPAGATE_EXCEPTIONS=False, SECRET_KEY="conformance")
    app.logger.disabled = True
    app.add_url_rule("/page", "page", lambda: "page")
    app.add_url_rule("/echo", "echo", lambda: flask.jsonify(_pairs()), methods=["GET", "POST"])
    app.add_url_rule("/forbidden", "forbidden", lambda: flask.abort(403))
    app.add_url_rule("/raises", "raises", _fail)
    app.add_url_rule("/json", "json", lambda: {"got": flask.request.get_json()}, methods=["POST"])
    app.add_url_rule("/visits", "visits", _count)
    app.add_url_rule("/number/<int:number>/", "number", _number)
    app.add_url_rule("/stream", "stream", _stream)
    named = flask.Blueprint("conformance_bp", __name__)
    named.add_url_rule("/named", "page", lambda: f"{flask.request.endpoint} {_blueprint()}")
    app.register_blueprint(named)
    return app


def _fail() -> str:
    raise RuntimeError("the view failed")


def _blueprint() -> str | None:
    return flask.request.blueprint


def _count() -> str:
    flask.session["visits"] = flask.session.get("visits", 0) + 1
    return str(flask.session["visits"])


def _number(number: int) -> str:
    return flask.url_for("number", number=number + 1)


@flask.stream_with_context
def _stream() -> Any:
    yield "the stream of "
    yield flask.request.path


pattern = Pattern(
    slug="subclassing",
    title="Subclassing Flask",
    sections={"": "Subclassing Flask"},
    binding=Subclassing,
    harnesses=(AppClassComponent, RequestClassComponent, SubclassingRoutes),
)
