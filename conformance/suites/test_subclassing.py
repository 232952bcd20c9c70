"""The clauses of Subclassing Flask."""

from __future__ import annotations

import importlib.util
import inspect
import threading
import warnings
from collections import Counter
from typing import Any
from urllib.parse import urlencode

import flask
from hypothesis import strategies as st
from werkzeug.exceptions import HTTPException

from conformance.clause import Gate, example, expect, given, harden, must, should, together
from conformance.core.errors import Untested
from conformance.core.told import Location
from conformance.instruments.strategies import lines
from conformance.patterns.subclassing import AppClassComponent, Hosted, OwnClass, SubclassingHarness
from conformance.transports import Request

Harness = SubclassingHarness

#: Few names, so that they repeat.
Pairs = list[tuple[str, str]]
pairs = st.lists(st.tuples(st.sampled_from(["a", "b", "c", "d"]), lines(10)), max_size=8)
TRAP = [("b", "1"), ("a", "2"), ("b", "3")]
#: What a query and a form encode: a blank becomes a plus.
ENCODED = [("b", "x y"), ("a", "1+1=2&3;%20"), ("b", "ä😀")]


@must("", share=0.3)
@given(sent=pairs)
@example(sent=TRAP)
@example(sent=ENCODED)
def test_order_query(subclassing: Harness, sent: list[tuple[str, str]]) -> None:
    """Iterating over the query's pairs yields all of them in the order sent.

    Source: request parameters are stored so that their order is preserved.
    """
    subclassing.keeps_order()
    found, _ = subclassing.parsed(Request.build("GET", "/echo", query=sent))
    expect(found == sent, f"the query's pairs {sent}", found, cause=_grouped("args", sent, found))


def _grouped(attribute: str, sent: Pairs, found: Pairs) -> str:
    grouped = [(key, value) for name in dict(sent) for key, value in sent if key == name]
    together = sent != grouped == found
    text = f"`request.{attribute}` groups the values of each name, as a `MultiDict` does"
    return text if together else ""


@should("", share=0.1)
@given(sent=pairs, other=pairs)
@example(sent=TRAP, other=[("c", "4")])
def test_parameters_apart(subclassing: Harness, sent: Pairs, other: Pairs) -> None:
    """A request keeps its own parameters while another request is handled.

    Source: a request object stores the parameters of the request that it was created for.

    Usual cause: what one request was sent with is stored on the class, for all of its instances.
    """
    first = Request.build("GET", "/echo", query=sent)
    second = Request.build("GET", "/echo", query=other)

    def read_around() -> tuple[object, object]:
        args = flask.request.args
        before = list(args.items(multi=True))
        subclassing.within(second, lambda: list(flask.request.args.items(multi=True)))
        return before, list(args.items(multi=True))

    before, after = subclassing.within(first, read_around)
    expect(after == before, f"{before} again after {second}", after)


@must("", share=0.3)
@given(sent=pairs, multipart=st.booleans())
@example(sent=TRAP, multipart=False)
@example(sent=TRAP, multipart=True)
@example(sent=ENCODED, multipart=False)
def test_order_form(subclassing: Harness, sent: list[tuple[str, str]], multipart: bool) -> None:
    """Iterating over a form's pairs yields all of them in the order sent, whatever its encoding.

    Source: the order of request parameters is preserved, by the class for the query and forms
    alike.
    """
    subclassing.keeps_order()
    files: Any = [] if multipart else None
    _, found = subclassing.parsed(Request.build("POST", "/echo", form=sent, files=files))
    expect(found == sent, f"the form's pairs {sent}", found, cause=_grouped("form", sent, found))


@must("", share=0.3)
@given(sent=pairs, name=st.sampled_from(["a", "b", "missing"]))
@example(sent=TRAP, name="b")
@example(sent=ENCODED, name="b")
@example(sent=[("a", "7"), ("a", "x")], name="a")
@example(sent=[("a", "x")], name="a")
def test_lookup_semantics(subclassing: Harness, sent: list[tuple[str, str]], name: str) -> None:
    """Parameter lookup works as in plain Flask: first value, all values, type conversion, or 400.

    Source: only the order is overridden; the storage is still a multi-value mapping.
    """
    values = [value for key, value in sent if key == name]

    def look() -> dict[str, object]:
        args = flask.request.args
        try:
            indexed: object = args[name]
        except KeyError as error:
            indexed = getattr(error, "code", type(error).__name__)
        return {
            "args.get": args.get(name),
            "args.getlist": args.getlist(name),
            "args.get with type=int": args.get(name, -1, type=int),
            "in args": name in args,
            "args[...]": indexed,
        }

    found = subclassing.within(Request.build("GET", "/echo", query=sent), look)
    wanted = {
        "args.get": values[0] if values else None,
        "args.getlist": values,
        "args.get with type=int": _int(values[0]) if values else -1,
        "in args": bool(values),
        "args[...]": values[0] if values else 400,
    }
    for how, value in wanted.items():
        expect(found[how] == value, f"{how} of {name!r} to be {value!r}", repr(found[how]))


def _int(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return -1


@should("", share=0.15)
@given(sent=pairs)
@example(sent=TRAP)
def test_immutable(subclassing: Harness, sent: list[tuple[str, str]]) -> None:
    """Parsed parameters are immutable.

    Source: the storage is an immutable one, like Flask's own.
    """

    def change() -> list[str]:
        changed = []
        for where in ("args", "form"):
            container = getattr(flask.request, where)
            try:
                container["a"] = "changed"
            except (TypeError, AttributeError):
                continue
            changed.append(where)
        return changed

    request = Request.build("POST", "/echo?" + urlencode(sent), form=sent)
    changed = subclassing.within(request, change)
    expect(not changed, "a TypeError when a parameter is assigned", f"{changed} were changed")


@must("")
def test_is_flask_request(subclassing: Harness) -> None:
    """The request class derives from Flask's, so error handling and blueprints keep working.

    Source: the request class is a subclass of Flask's `Request`.
    """
    app = subclassing.flask_app
    subclassing.inside()
    subclassing.ledger.call("app.request_class")
    expect(
        issubclass(app.request_class, flask.Request),
        "a class derived from flask.Request",
        f"{_path(app.request_class)}, a class derived from "
        + ", ".join(map(_path, app.request_class.__bases__)),
    )
    client = subclassing.client()
    page = client.send(subclassing.page())
    expect(page.status == 200, "200 for the page", page)
    missing = client.get("/conformance/a/path/of/no/page")
    expect(missing.error is None and missing.status < 500, "404 for a missing page", missing)


def _path(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


@must("")
def test_app_is_flask(subclassing: Harness) -> None:
    """The app's class derives from Flask and sets the request class for all of its apps.

    Source: a subclass of Flask that uses the custom request class as its `request_class`.
    """
    cls = OwnClass.of(subclassing).app_class
    subclassing.inside()
    subclassing.ledger.call("app_class.__mro__")
    expect(
        issubclass(cls, flask.Flask) and cls is not flask.Flask,
        "a class derived from flask.Flask",
        _path(cls),
    )
    app = subclassing.flask_app
    named = inspect.getattr_static(cls, "request_class")
    # A property sets it too.
    expect(
        app.request_class is named or not isinstance(named, type),
        f"{cls.__name__}.request_class to be {app.request_class.__name__}, as the app's is",
        f"{cls.__name__}.request_class is {getattr(named, '__name__', named)}",
        cause="`request_class` is set on the app, not in the body of its class",
    )


@should("")
@given(name=st.sampled_from(["json", "email", "xml.dom", "conformance_no_such_module"]))
def test_made_as_flask(subclassing: Harness, name: str) -> None:
    """An app of the class uses the import name passed to it, and finds its files there.

    Templates, static files, the instance folder and the logger's name depend on it.

    Source: the class is designed for subclassing: a subclass augments it, and is created like
    Flask itself.
    """
    app, plain = AppClassComponent.of(subclassing).named_app(name), flask.Flask(name)
    for attribute in ("import_name", "root_path", "name"):
        found, wanted = getattr(app, attribute), getattr(plain, attribute)
        expect(
            found == wanted,
            f"{attribute} {wanted!r} for an app created with {name!r}",
            repr(found),
            cause="`__init__` does not pass its argument on" if attribute == "import_name" else "",
        )


requests = st.one_of(
    st.builds(
        Request.build,
        st.sampled_from(["GET", "HEAD", "POST", "OPTIONS", "DELETE"]),
        st.sampled_from(
            ["/page", "/named", "/forbidden", "/raises", "/missing", "/visits", "/stream",
             "/number/7/", "/number/7", "/number/x/", "/static/missing.css"]
        ),
        headers=st.fixed_dictionaries({}, optional={"Accept": lines(10), "Cookie": st.just("a=b")}),
    ),
    st.builds(Request.build, st.just("POST"), st.just("/json"), json=st.integers() | lines()),
    st.builds(Request.build, st.just("POST"), st.just("/json"), data=st.binary(max_size=20)),
)  # fmt: skip


@should("", share=0.3)
@given(request=requests)
@example(request=Request.build("GET", "/raises"))
@example(request=Request.build("GET", "/number/7"))
@example(request=Request.build("GET", "/missing"))
@example(request=Request.build("POST", "/page"))
@example(request=Request.build("OPTIONS", "/page"))
def test_behaviour_preserved(subclassing: Harness, request: Request) -> None:
    """Routing, redirects, errors, sessions, JSON and streams work as in plain Flask.

    A class may add headers, use another response class or present errors differently; the status,
    the allowed methods, a redirect's target and what a view returned stay the same.

    Source: subclassing is for overriding or augmenting Flask's functionality; the rest stays.
    """
    subclassing.ledger.note("with plain Flask:")
    plain = subclassing.client(Hosted.of(subclassing).plain_app()).send(request)
    subclassing.ledger.note("with the bound class:")
    response = subclassing.client().send(request)
    # An app may report a failure to its visitors with another one of these statuses.
    failed = plain.status >= 500 and response.status >= 500
    expect(
        failed or response.status == plain.status,
        f"{plain.status} for {request}, as in plain Flask",
        response,
        cause=subclassing.overrides(flask.Flask),
    )
    for name in ("Allow", "Location"):
        expect(
            response.header_tokens(name) == plain.header_tokens(name),
            f"{name}: {plain.header(name)} for {request}, as in plain Flask",
            f"{name}: {response.header(name)}",
        )
    text = plain.text if plain.status == 200 and plain.mimetype == "text/html" else ""
    expect(text in response.text, f"{text!r} for {request}, as returned by its view", response)
    cookies = [
        [value.partition("=")[0] for value in each.header_values("Set-Cookie")]
        for each in (plain, response)
    ]
    expect(
        set(cookies[0]) <= set(cookies[1]),
        f"the session cookie for {request}, as in plain Flask",
        f"cookies {cookies[1]}",
    )


#: What a request class can override to parse forms in its own way.
PARSING = (
    "stream",
    "form",
    "files",
    "want_form_data_parsed",
    "form_data_parser_class",
    "make_form_data_parser",
    "_load_form_data",
    "_get_stream_for_parsing",
)

#: Limits of forms that the configuration sets since Flask 3.1, each with the attribute that reads
#: it and a request that exceeds it.
LIMITS = {
    "MAX_FORM_MEMORY_SIZE": (
        "max_form_memory_size",
        Request.build("POST", "/echo", form=[("a", "x" * 2000)], files=[]),
    ),
    "MAX_FORM_PARTS": (
        "max_form_parts",
        Request.build("POST", "/echo", form=[(f"a{n}", "x") for n in range(9)], files=[]),
    ),
}


@should(
    "",
    gates=[
        Gate("flask", "<3.1", "MAX_FORM_MEMORY_SIZE and MAX_FORM_PARTS were added in Flask 3.1")
    ],
)
def test_form_limits_kept(subclassing: Harness) -> None:
    """The configured limits for the parts and the fields of a form hold as in plain Flask.

    Source: subclassing is for overriding or augmenting Flask's functionality; the rest stays.

    Usual cause: an overridden `make_form_data_parser` that passes none of the limits on.
    """
    for name, (attribute, request) in LIMITS.items():
        own, plain = Hosted.of(subclassing).make_flask_app(), Hosted.of(subclassing).plain_app()
        if _has_its_own(own.request_class, attribute):
            continue
        limit = 4 if name == "MAX_FORM_PARTS" else 1000
        for app in (own, plain):
            app.config[name] = limit
        subclassing.ledger.note(f"with plain Flask and {name} = {limit}:")
        wanted = subclassing.client(plain).send(request).status
        subclassing.ledger.note(f"with the bound class and {name} = {limit}:")
        response = subclassing.client(own).send(request)
        expect(
            response.status == wanted,
            f"{wanted} for a form beyond {name} = {limit}, as in plain Flask",
            response,
            cause=subclassing.overrides(flask.Request, *PARSING),
        )


def _has_its_own(request_class: type, attribute: str) -> bool:
    own = (owner for owner in request_class.__mro__ if owner not in flask.Request.__mro__)
    return any(attribute in vars(owner) for owner in own)


@should("")
def test_async_in_threads(subclassing: Harness) -> None:
    """An async view responds in every thread of a server.

    Source: subclassing is for overriding or augmenting Flask's functionality; the rest stays.

    Usual cause: an overridden `async_to_sync` that uses the event loop of the main thread.
    """
    if importlib.util.find_spec("asgiref") is None:
        raise Untested.for_package("asgiref", "flask[async]")
    app = AppClassComponent.of(subclassing).new_app()

    async def view() -> str:
        return "awaited"

    app.add_url_rule("/async", "async", view)
    for response in together(*[lambda: subclassing.client(app).get("/async")] * 2):
        expect(
            response.status == 200 and "awaited" in response.text,
            "a thread's request for an async view to return its result",
            response,
        )


OUTCOMES = ("/page", "/forbidden", "/raises", "/missing", "/visits")


@should("", share=0.3)
@given(visits=st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=6))
@example(visits=["/raises", "/page"])
def test_super_called(subclassing: Harness, visits: list[str]) -> None:
    """Every request starts, finishes and is torn down once, and runs each hook once.

    An overridden `full_dispatch_request`, `process_response` or `do_teardown_request` must call
    its parent exactly once.

    Source: subclassing is for overriding or augmenting Flask's functionality; the rest stays.
    """
    app = AppClassComponent.of(subclassing).new_app()
    subclassing.inside()
    hooks = Counter(before_request=0, after_request=0, teardown_request=0, teardown_appcontext=0)
    app.before_request(lambda: hooks.update(["before_request"]))

    @app.after_request
    def after(response: flask.Response) -> flask.Response:
        hooks.update(["after_request"])
        return response

    app.teardown_request(lambda error: hooks.update(["teardown_request"]))
    app.teardown_appcontext(lambda error: hooks.update(["teardown_appcontext"]))
    signals = {
        "request_started": flask.request_started,
        "request_finished": flask.request_finished,
        "request_tearing_down": flask.request_tearing_down,
        "appcontext_tearing_down": flask.appcontext_tearing_down,
        "appcontext_pushed": flask.appcontext_pushed,
        "appcontext_popped": flask.appcontext_popped,
        "got_request_exception": flask.got_request_exception,
    }
    client = subclassing.client(app)
    with subclassing.signals(*signals.values()) as heard:
        for target in visits:
            client.get(target)
    for name, signal in signals.items():
        hooks[name] = sum(which is signal for which, _ in heard)
    for name, count in hooks.items():
        wanted = visits.count("/raises") if name == "got_request_exception" else len(visits)
        expect(
            count == wanted,
            f"{name} {wanted} times for {len(visits)} requests",
            f"{count} times",
            cause=subclassing.overrides(flask.Flask, app=app),
        )


@harden("", share=0.15)
@given(sent=pairs)
@example(sent=TRAP)
def test_no_warnings(subclassing: Harness, sent: list[tuple[str, str]]) -> None:
    """Handling a request emits no deprecation warning.

    Where warnings are errors, as in many test runs, every request would be a 500. The docs' own
    `ImmutableOrderedMultiDict` is deprecated in Werkzeug 3.1 and removed in 3.2.

    Source: beyond the chapter; it protects test runs that turn warnings into errors, and
    upgrades.
    """
    subclassing.only_wsgi("catches the warnings of this process")

    def read() -> object:
        return flask.request.args, flask.request.form, flask.request.values

    # Created before: Flask itself warns when an app is created on Python 3.12
    # (pallets/flask#5157).
    client = subclassing.client()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        request = Request.build("POST", "/echo?" + urlencode(sent), form=sent)
        subclassing.within(request, read)
        client.send(subclassing.page())
    deprecated = [
        f"{each.category.__name__}: {each.message} ({Location.of(each.filename, each.lineno)})"
        for each in caught
        if issubclass(each.category, (DeprecationWarning, PendingDeprecationWarning))
    ]
    expect(not deprecated, "no deprecation warning", "; ".join(sorted(set(deprecated))))


@should("")
def test_instances_isolated(subclassing: Harness) -> None:
    """Two apps of the class share no mutable state, and leave Flask itself unchanged.

    Source: Application Factories: several instances of an application run in one process.
    """
    component = AppClassComponent.of(subclassing)
    one, other = component.new_app(), component.new_app()
    subclassing.inside()
    for name, (was, value) in subclassing.changed_in_flask().items():
        expect(
            False,
            f"{name} of Flask itself to remain {was!r}",
            f"it is {value!r}, for every other app in the process",
            cause=f"the class modifies its parent's {name} in place; copy it first",
        )
    subclassing.ledger.call("vars(app), app.config")

    def holders(app: flask.Flask) -> dict[str, object]:
        named = {f"app.{name}": value for name, value in vars(app).items()}
        return {**named, **{f"app.config[{key!r}]": value for key, value in app.config.items()}}

    theirs = holders(other)
    shared = [
        name
        for name, value in holders(one).items()
        if isinstance(value, (dict, list, set)) and theirs.get(name) is value
    ]
    expect(not shared, "two apps to have separate containers", f"both share {shared}")
    one.config["CONFORMANCE"] = one.jinja_env.globals["conformance"] = True
    seen = "CONFORMANCE" in other.config, "conformance" in other.jinja_env.globals
    expect(not any(seen), "the other app to be unchanged", "it changed with the first")


@harden("", share=0.3)
@given(size=st.integers(0, 60), limit=st.integers(10, 40))
@example(size=41, limit=40)
@example(size=40, limit=40)
def test_limits_kept(subclassing: Harness, size: int, limit: int) -> None:
    """A form larger than MAX_CONTENT_LENGTH is rejected with 413; one up to the limit is accepted.

    A request class may read the stream itself, or override `max_content_length`.

    Source: beyond the chapter; it protects the limit from a request class that reads the stream
    itself.
    """
    body = b"a=" + b"x" * max(0, size - 2)

    def read() -> str:
        flask.current_app.config["MAX_CONTENT_LENGTH"] = limit
        try:
            return f"a form with {len(flask.request.form.get('a', '')) + 2} bytes"
        except HTTPException as error:
            return str(error.code or 500)

    form = "application/x-www-form-urlencoded"
    app = subclassing.flask_app
    usual = app.config.get("MAX_CONTENT_LENGTH")
    try:
        found = subclassing.within(
            Request.build("POST", "/echo", data=body, content_type=form), read
        )
    finally:
        app.config["MAX_CONTENT_LENGTH"] = usual
    wanted = "413" if len(body) > limit else f"a form with {len(body)} bytes"
    expect(
        found == wanted,
        f"{wanted} for {len(body)} bytes with MAX_CONTENT_LENGTH = {limit}",
        f"{found} was parsed" if found != "413" else found,
        cause=subclassing.overrides(flask.Request, "max_content_length", "get_data", *PARSING),
    )


@harden(
    "", gates=[Gate("flask", "<3.1", "TRUSTED_HOSTS was added in Flask 3.1")]
)  # fmt: skip
@given(host=st.sampled_from(["evil.example", "shop.example", "shop.example.evil.example"]))
def test_hosts_kept(subclassing: Harness, host: str) -> None:
    """A host that is not in TRUSTED_HOSTS is rejected with 400.

    A request class may override `host`, or set `trusted_hosts` for all apps.

    Source: beyond the chapter; it protects the trusted hosts from a request class that overrides
    them.
    """

    def read() -> str:
        return f"request.host returns {flask.request.host!r}"

    app = subclassing.flask_app
    usual = app.config.get("TRUSTED_HOSTS")
    app.config["TRUSTED_HOSTS"] = ["shop.example"]
    try:
        found = subclassing.within(Request.build("GET", "/page", host=host), read)
    except HTTPException as error:
        found = str(error.code)
    finally:
        app.config["TRUSTED_HOSTS"] = usual
    wanted = f"request.host returns {host!r}" if host == "shop.example" else "400"
    expect(
        found == wanted,
        f"{'no error' if host == 'shop.example' else '400'} for the host {host} "
        "with TRUSTED_HOSTS = ['shop.example']",
        found,
        cause=subclassing.overrides(flask.Request, "host", "trusted_hosts", "__getattribute__"),
    )


@should("")
def test_signature_compat(subclassing: Harness) -> None:
    """Every overridden Flask method can still be called the way Flask calls it.

    The parameters may have other names if Flask passes them by position.

    Source: subclassing is the recommended way to override Flask's internals, which Flask keeps
    calling.
    """
    subclassing.inside()
    overridden = OwnClass.of(subclassing).overridden()
    subclassing.ledger.call("inspect.signature of each overridden method")
    for name, (own, base) in overridden.items():
        parameters = list(inspect.signature(base).parameters.values())
        plain = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        given_names = KEYWORDS.get(name, ())
        arguments = [None for p in plain if p.default is p.empty and p.name not in given_names]
        try:
            inspect.signature(own).bind(*arguments, **dict.fromkeys(given_names))
        except TypeError as error:
            shown = inspect.signature(base)
            expect(
                False,
                f"{name} to be callable as {name}{shown}",
                f"{inspect.signature(own)}: {error}",
            )


#: Parameters that Flask passes by name.
KEYWORDS = {"send_static_file": ["filename"]}


@should("", share=0.15)
@given(sent=pairs)
@example(sent=TRAP)
def test_pickle_copy(subclassing: Harness, sent: list[tuple[str, str]]) -> None:
    """A copied request context shows the same request in another thread.

    Source: Flask's API: `copy_current_request_context` gives a function the request in which it
    was created, even if another thread calls it.
    """
    found: list[object] = []

    def start() -> None:
        @flask.copy_current_request_context
        def later() -> None:
            found.append(sorted(flask.request.args.items(multi=True)))

        subclassing.ledger.call("request.args in another thread, with copy_current_request_context")

        def run() -> None:
            try:
                later()
            except Exception as error:
                found.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()

    subclassing.within(Request.build("GET", "/echo", query=sent), start)
    expect(
        found == [sorted(sent)],
        f"the thread to see the pairs of the request, sorted: {sorted(sent)}",
        ", ".join(map(repr, found)),
    )
