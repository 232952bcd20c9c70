"""The clauses of Lazily Loading Views."""

from __future__ import annotations

import importlib.util
from collections.abc import Collection
from itertools import chain
from typing import Any

import flask
from hypothesis import strategies as st
from werkzeug.routing import BuildError

from conformance.clause import example, expect, given, harden, must, should, together
from conformance.core.errors import Untested
from conformance.instruments.strategies import lines
from conformance.patterns.lazyloading import (
    LazyComponent,
    LazyLoadingHarness,
    LazyLoadingRoutes,
    Visit,
    failing,
    ran,
)
from conformance.transports import Request
from conformance.transports.messages import safe_path

Harness = LazyLoadingHarness

MAP = "converting-to-centralized-url-map"
LATE = "loading-late"

methods = st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
targets = st.sampled_from(
    [
        "/",
        "/user/",
        "/user/ada/7",
        "/user/ada/x",
        "/save/it",
        "/blog",
        "/missing",
        "/fail/404",
        "/fail/ImportError",
        "/fail/AttributeError",
        "/fail/TypeError",
        "/fail/KeyError",
    ]
)


@must(LATE)
def test_not_imported(lazyloading: Harness) -> None:
    """Setting up the application imports no view's module.

    Source: "Loading Late": the helper imports the real function on first use.

    Usual cause: another module imports the views' module, or a decorator in it has to run to
    register the URLs.
    """
    visit = lazyloading.visits(lazyloading.orders()[0])[0]
    expect(
        not visit.before,
        "no view's module to be loaded before the first request",
        f"{', '.join(visit.before)} loaded by creating the app",
        cause=_places(visit, visit.before),
    )


def _places(visit: Visit, names: Collection[str]) -> str:
    """Return where modules were imported, as far as that was seen."""
    places = visit.places
    return "; ".join(f"{each} is imported at {places[each]}" for each in names if each in places)


@must(LATE)
def test_import_on_first(lazyloading: Harness) -> None:
    """The first request for a view imports its module and no other view's.

    Modules of views that this module itself imports are allowed.

    Source: "Loading Late": the view function is loaded as needed.

    Usual cause: a package whose `__init__` imports all its modules, or a hook that inspects
    every view.
    """
    for visit in chain.from_iterable(map(lazyloading.visits, lazyloading.orders())):
        module = visit.module
        new = [name for name in visit.after if name not in visit.before]
        wanted = [module] if module not in visit.before else []
        if set(new) - set(wanted):
            wanted += [each for each in lazyloading.imported_by(module) if each in new]
        expect(
            set(new) == set(wanted),
            f"{sorted(set(wanted)) or 'no further module'} to be loaded by GET {visit.path}",
            new,
            cause=_places(visit, set(new) - set(wanted)),
        )


@must(LATE)
@given(calls=st.integers(2, 6))
def test_import_once(lazyloading: Harness, calls: int) -> None:
    """A view's module is executed once, however often the view is called.

    Source: "Loading Late": the real function is imported on first use and cached (a
    `cached_property`).

    Usual cause: the module is loaded by hand, or reloaded, on each call.
    """
    host = LazyComponent.of(lazyloading)
    host.inside()
    client = host.client()
    first = client.get("/")
    for _ in range(calls):
        response = client.get("/")
        expect(response.body == first.body, f"{first.body!r} each time", repr(response.body))
    count = ran.count(host.modules["shop"])
    expect(count == 1, "the module's body to run once", f"{count} times")


@harden(LATE)
def test_first_hit_race(lazyloading: Harness) -> None:
    """Concurrent first requests all get the view's response.

    Source: beyond the chapter; it protects the first visitors from each other.

    Usual cause: a flag marks the view as loaded before the import has finished, or the module is
    taken from `sys.modules`, where it is from the beginning of its import.
    """
    host = LazyComponent.of(lazyloading)
    host.inside()

    def ask() -> object:
        return host.client().get("/")

    # The first thread is held at each line of the stand-in, and of the module that it imports.
    for hold in (None, *range(1, 16)):
        host.begin_example()
        host.need_app()  # created before the threads start
        if host.modules["shop"] in ran:
            raise Untested("the view's module is loaded at the start: see not-imported")
        for response in together(ask, ask, ask, hold=hold, own=host.is_stepped):
            expect(
                response.body == b"index of shop",
                "the view's response for each of three threads that request it at once",
                f"{response}, "
                + (
                    "while the first thread goes on"
                    if hold is None
                    else f"while the first thread waits after {hold} lines of stand-in and module"
                ),
                cause="; ".join(
                    dict.fromkeys(f"the stand-in raised {each}" for each in host.errors)
                ),
            )
        times = ran.count(host.modules["shop"])
        expect(times == 1, "the module's body to run once", f"{times} times")


@must(MAP)
@given(method=methods, target=targets)
@example(method="POST", target="/")
@example(method="OPTIONS", target="/save/it")
@example(method="GET", target="/fail/404")
@example(method="GET", target="/fail/ImportError")
@example(method="GET", target="/fail/AttributeError")
@example(method="GET", target="/fail/TypeError")
@example(method="GET", target="/fail/KeyError")
def test_equivalent(lazyloading: Harness, method: str, target: str) -> None:
    """A lazy view gives the same response as the view imported eagerly.

    Source: "Loading Late": the helper behaves like the function itself.

    Usual cause: the stand-in drops the view's return value, or its attributes change the
    methods of the rule.
    """
    host = LazyComponent.of(lazyloading)
    request = Request(method, target)
    response = host.client().send(request)
    eager = host.client(host.eager_app()).send(request)

    def shape(answer: Any) -> Any:
        headers = sorted((k, v) for k, v in answer.headers if k not in ("Date", "Server", "Allow"))
        return answer.status, answer.body, headers, answer.header_tokens("Allow")

    one, other = shape(response), shape(eager)
    names = ("status", "body", "headers", "Allow header")
    differ = [name for name, a, b in zip(names, one, other, strict=True) if a != b]
    expect(
        one == other,
        f"the response of the function itself: {eager}",
        f"the lazy view's: {response}; its {' and '.join(differ)} differ"
        + ("s" if len(differ) == 1 and differ != ["headers"] else ""),
    )


@must(LATE, share=0.3)
@example(name=" a ", page=1)
@given(name=lines(12).filter(lambda text: text and "/" not in text), page=st.integers(0, 999))
def test_args(lazyloading: Harness, name: str, page: int) -> None:
    """URL variables are passed to the view by name and unchanged.

    Source: "Loading Late": the helper behaves like the function itself, called with the
    arguments that Flask passes.

    Usual cause: the stand-in passes only positional arguments, or only some arguments.
    """
    host = LazyComponent.of(lazyloading)
    response = host.client().get(f"/user/{safe_path(name)}/{page}")
    expect(response.status == 200, "200", response)
    values = response.json()["values"]
    sent = {"name": name, "page": page}
    expect(values == sent, f"the view to be called with {sent}", values)


@must(LATE)
def test_endpoint_names(lazyloading: Harness) -> None:
    """Endpoints have the names of the view functions, and URLs are built without importing them.

    Source: "Loading Late": `__module__` and `__name__` must be set properly, because Flask names
    URL rules after them.

    Usual cause: the stand-in does not set its `__name__`, or has that of a helper.
    """
    host = LazyComponent.of(lazyloading)
    host.inside()
    app = host.flask_app
    names = set(app.view_functions) - {"static"}
    wanted = {"index", "user", "save", "fail", "blog"}
    expect(names == wanted, f"the endpoints {sorted(wanted)}", sorted(names))
    url = _url(app, "save", name="it")
    expect(url == "/save/it", "url_for('save', name='it') to return /save/it", url)
    loaded = [name for name in host.modules.values() if name in ran]
    expect(not loaded, "nothing to be imported when a URL is built", loaded)


def _url(app: flask.Flask, endpoint: str, **values: Any) -> str:
    with app.test_request_context():
        try:
            return flask.url_for(endpoint, **values)
        except BuildError as error:
            return f"BuildError: {error}"


@must(LATE, share=0.3)
@given(name=st.text("abc", min_size=1, max_size=4), page=st.integers(0, 99))
def test_multi_rules(lazyloading: Harness, name: str, page: int) -> None:
    """One lazy view can serve several rules, and URLs are built with the matching one.

    Source: "Loading Late": two routes to a single function endpoint.

    Usual cause: each rule gets its own stand-in; the second one is refused, because its
    endpoint already has another function.
    """
    host = LazyComponent.of(lazyloading)
    named: dict[str, object] = {"name": name, "page": page}
    for values, path in (({}, "/user/"), (named, f"/user/{name}/{page}")):
        url = _url(host.flask_app, "user", **values)
        expect(url == path, f"url_for('user', **{values}) to return {path}", url)
        response = host.client().get(path)
        right = response.status == 200 and response.json()["values"] == values
        cause = ""
        if not right and values:
            with host.aside():
                host.renew()
                alone = host.client().get(path)
            cause = "the same happens if it is the first request for the view"
            if (alone.status, alone.body) != (response.status, response.body):
                cause = f"as the first request for the view it gets {alone}"
        called = response.json().get("values") if response.status == 200 else None
        expect(
            right,
            f"the view to be called with {values} for {path}, the second of its two rules"
            if values
            else f"the view to be called without values for {path}, the first of its two rules",
            response if called is None else f"it is called with {called}",
            cause=cause,
        )


@must(LATE)
def test_same_name_modules(lazyloading: Harness) -> None:
    """Functions of the same name in two modules are two views with separate endpoints.

    Source: "Loading Late": the import name, module and function, determines which function is
    imported.

    Usual cause: stand-ins are stored under the function's name only.
    """
    client = LazyComponent.of(lazyloading).client()
    for path, part in (("/", "shop"), ("/blog", "blog")):
        response = client.get(path)
        expect(response.body == f"index of {part}".encode(), f"the index of {part}", response)


@must(LATE)
def test_hooks_upfront(lazyloading: Harness) -> None:
    """All request handlers are registered before the first request.

    The first response has the same headers as the next one, and no module that it loads adds a
    handler, a context processor or a template filter to the app.

    Source: the last paragraph: before and after request handlers, and all that other decorators
    register, belong in a file that is imported upfront, so that they work on the first request.

    Usual cause: hooks are registered by a module that is imported only by the first request:
    they do not run for it, and Flask refuses them.
    """
    routes = LazyLoadingRoutes.of(lazyloading)
    for visit in chain.from_iterable(map(routes.visits, routes.orders())):
        expect(
            visit.first == visit.second,
            f"{visit.second} for the first GET {visit.path} as for the second",
            visit.first,
        )
        expect(
            not visit.late,
            f"no handler to be registered by a module that GET {visit.path} loads",
            ", ".join(visit.late),
        )


@should(LATE)
def test_targets_resolve(lazyloading: Harness) -> None:
    """Every view named in the URL map can be imported.

    Source: "Loading Late": the import name is that of the real function.

    Usual cause: a function was renamed, and the URL map still has its old name in a string that
    nothing checks before the first request.
    """
    routes = LazyLoadingRoutes.of(lazyloading)
    for visit in routes.visits(routes.orders()[0]):
        status = visit.first["status"]
        expect(status < 500, f"no server error for GET {visit.path}", status)


@should(LATE)
@given(method=methods)
@example(method="PUT")
@example(method="GET")
def test_methods_honoured(lazyloading: Harness, method: str) -> None:
    """A lazy view answers exactly the methods that its rule was registered with.

    Source: "Loading Late": the helper behaves like the function itself.

    Usual cause: the stand-in has a `methods` attribute, which Flask treats as the view's.
    """
    client = LazyComponent.of(lazyloading).client()
    for target, allowed in (("/save/it", {"POST", "PUT"}), ("/", {"GET", "HEAD"})):
        response = client.open(method, target)
        wanted = method in allowed or method == "OPTIONS"
        expect(
            (response.status < 400) == wanted and (wanted or response.status == 405),
            f"{'success' if wanted else '405'} for {method} {target}",
            response,
        )


@harden(LATE)
def test_async(lazyloading: Harness) -> None:
    """A lazy view that is a coroutine function is awaited.

    Checked if a bound module of views contains one, or if no module is bound and any view is
    possible.

    Source: beyond the chapter, whose helper returns the coroutine to Flask.

    Usual cause: Flask checks whether the stand-in is a coroutine function, which it is not; call
    `app.ensure_sync` on the loaded function.
    """
    if importlib.util.find_spec("asgiref") is None:
        raise Untested.for_package("asgiref", "flask[async]")
    host = LazyComponent.of(lazyloading)
    if host.without_coroutines():
        raise Untested("no view in the modules of routes is a coroutine function")
    app = host.flask_app
    host.call("add_url_rule", app.add_url_rule, "/later",
              view_func=host.lazy(f"{host.modules['shop']}.later"))  # fmt: skip
    response = host.client().get("/later")
    expect(response.body == b"later in shop", "the coroutine's result", response)


@harden(LATE)
@given(failures=st.integers(1, 3), kind=st.sampled_from([ValueError, ImportError, KeyError]))
@example(failures=1, kind=ImportError)
def test_failure_retry(lazyloading: Harness, failures: int, kind: type[Exception]) -> None:
    """A failed import gives a server error for that module's views only, and is retried.

    Source: beyond the chapter; RFC 9110, section 15.6.1, for the status code.

    Usual cause: the failure is cached as the view, an ImportError becomes a 404, or the import
    runs when the application is set up.
    """
    host = LazyComponent.of(lazyloading)
    client = host.client()
    host.inside()
    host.need_app()  # writes the modules
    handled = 409 if issubclass(kind, LookupError) else 500
    failing[host.modules["shop"]] = kind("the module is broken")
    for _ in range(failures):
        response = client.get("/")
        expect(
            response.status in (handled, 500, 503) and response.error is None,
            f"{handled} for a view whose module raises {kind.__name__}",
            response,
        )
        other = client.get("/blog")
        expect(other.status == 200, "200 for another module's view", other)
    failing.clear()
    host.ledger.note(f"{host.modules['shop']} can be imported from now on")
    runs = ran.count(host.modules["shop"])
    response = client.get("/")
    expect(
        response.status == 200,
        f"200 once {host.modules['shop']} can be imported",
        response,
        cause="the import is not tried again: what the failed one raised is raised once more"
        if ran.count(host.modules["shop"]) == runs and "the module is broken" in str(response)
        else "",
    )
