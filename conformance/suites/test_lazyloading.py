"""The clauses of Lazily Loading Views."""

from __future__ import annotations

import importlib.util
from typing import Any

import flask
from hypothesis import strategies as st
from werkzeug.routing import BuildError

from conformance.clause import example, expect, given, harden, must, should, together
from conformance.core.errors import Untested
from conformance.instruments.strategies import lines
from conformance.patterns.lazyloading import LazyLoadingHarness, failing, ran, released, started
from conformance.transports import Request
from conformance.transports.messages import safe_path

Harness = LazyLoadingHarness

MAP = "converting-to-centralized-url-map"
LATE = "loading-late"

methods = st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
targets = st.sampled_from(
    ["/", "/user/", "/user/ada/7", "/user/ada/x", "/save/it", "/blog", "/missing"]
)


@must(LATE)
def test_not_imported(lazyloading: Harness) -> None:
    """When the application has been set up, no view's module has been imported.

    Usual cause: another module imports the views' module, or a decorator in it has
    to run for the URLs to be there.
    """
    loaded, _ = lazyloading.loaded(sorted(lazyloading.paths())[0])
    expect(not loaded, "no view's module to be loaded before the first request", loaded)


@must(LATE, share=0.1)
@given(number=st.integers(0, 9))
def test_import_on_first(lazyloading: Harness, number: int) -> None:
    """The first request for a view imports its module, and no other view's.

    Usual cause: a package whose `__init__` imports all its modules.
    """
    paths = lazyloading.paths()
    path = sorted(paths)[number % len(paths)]
    _, loaded = lazyloading.loaded(path)
    wanted = [lazyloading.paths()[path]]
    expect(loaded == wanted, f"{wanted} to be loaded by GET {path}", loaded)


@must(LATE)
@given(calls=st.integers(2, 6))
def test_import_once(lazyloading: Harness, calls: int) -> None:
    """However often a view is called, its module's body runs once and is asked for it once.

    Usual cause: the function is looked up for each call; what tests or reloaders put
    in its place is then called for some requests and not for others.
    """
    host = lazyloading.host()
    host.inside()
    client = host.client()
    first = client.get("/")
    module = importlib.import_module(host.modules["shop"])
    module.index = lambda: "another"  # type: ignore[attr-defined]
    for _ in range(calls):
        response = client.get("/")
        expect(response.body == first.body, f"{first.body!r} each time", repr(response.body))
    count = ran.count(host.modules["shop"])
    expect(count == 1, "the module's body to run once", f"{count} times")


@harden(LATE, share=0.1)
@given(count=st.integers(2, 8))
def test_first_hit_race(lazyloading: Harness, count: int) -> None:
    """First requests that come at the same time are all answered by the view.

    Usual cause: a flag says "loaded" before the import has ended.
    """
    host = lazyloading.host()
    host.inside()
    host.need_app()  # made before the threads start
    started.clear()
    released.clear()

    def ask() -> Any:
        return host.client().get("/")

    def release() -> None:
        # Held up until it has begun, so that the others come while it runs.
        started.wait(30)
        released.set()

    *responses, _ = together(*[ask] * count, release)
    for response in responses:
        expect(response.body == b"index of shop", "the view's answer to each", response)
    times = ran.count(host.modules["shop"])
    expect(times == 1, "the module's body to run once", f"{times} times")


@must(MAP)
@given(method=methods, target=targets)
@example(method="POST", target="/")
@example(method="OPTIONS", target="/save/it")
def test_equivalent(lazyloading: Harness, method: str, target: str) -> None:
    """Each request is answered as by an application that imports its views at the start.

    Usual cause: the stand-in drops what the view gives, or its attributes change the
    methods that the rule has.
    """
    host = lazyloading.host()
    request = Request(method, target)
    response = host.client().send(request)
    eager = host.client(host.eager_app()).send(request)

    def shape(answer: Any) -> Any:
        headers = sorted((k, v) for k, v in answer.headers if k not in ("Date", "Server", "Allow"))
        return answer.status, answer.body, headers, answer.header_tokens("Allow")

    expect(shape(response) == shape(eager), f"the eager app's answer: {eager}", response)


@must(LATE)
@example(name=" a ", page=1)
@given(name=lines(12).filter(lambda text: text and "/" not in text), page=st.integers(0, 999))
def test_args(lazyloading: Harness, name: str, page: int) -> None:
    """The URL's values reach the view by name and unchanged.

    Usual cause: the stand-in passes positional arguments on, or only some.
    """
    host = lazyloading.host()
    response = host.client().get(f"/user/{safe_path(name)}/{page}")
    expect(response.status == 200, "200", response)
    values = response.json()["values"]
    sent = {"name": name, "page": page}
    expect(values == sent, f"the view to be called with {sent}", values)


@must(LATE)
def test_endpoint_names(lazyloading: Harness) -> None:
    """Endpoints are named after the functions, and URLs can be built before any is imported.

    Usual cause: the stand-in has no `__name__` of its own, or that of a helper.
    """
    host = lazyloading.host()
    host.inside()
    app = host.flask_app
    names = set(app.view_functions) - {"static"}
    wanted = {"index", "user", "save", "blog"}
    expect(names == wanted, f"the endpoints {sorted(wanted)}", sorted(names))
    url = _url(app, "save", name="it")
    expect(url == "/save/it", "url_for('save', name='it') to give /save/it", url)
    loaded = [name for name in host.modules.values() if name in ran]
    expect(not loaded, "nothing to be imported for a URL", loaded)


def _url(app: flask.Flask, endpoint: str, **values: Any) -> str:
    with app.test_request_context():
        try:
            return flask.url_for(endpoint, **values)
        except BuildError as error:
            return f"BuildError: {error}"


@must(LATE)
@given(name=st.text("abc", min_size=1, max_size=4), page=st.integers(0, 99))
def test_multi_rules(lazyloading: Harness, name: str, page: int) -> None:
    """One stand-in serves several rules, and URLs are built with the one that fits.

    Usual cause: a stand-in for each rule: the second is refused, as another function
    has the endpoint.
    """
    host = lazyloading.host()
    named: dict[str, Any] = {"name": name, "page": page}
    for values, path in (({}, "/user/"), (named, f"/user/{name}/{page}")):
        url = _url(host.flask_app, "user", **values)
        expect(url == path, f"url_for('user', **{values}) to give {path}", url)
        response = host.client().get(path)
        expect(
            response.status == 200 and response.json()["values"] == values,
            f"the view to be called with {values}",
            response,
        )


@should(LATE)
def test_same_name_modules(lazyloading: Harness) -> None:
    """Functions of one name in two modules are two views, each with its endpoint.

    Usual cause: stand-ins are kept by the function's name alone.
    """
    client = lazyloading.host().client()
    for path, part in (("/", "shop"), ("/blog", "blog")):
        response = client.get(path)
        expect(response.body == f"index of {part}".encode(), f"the index of {part}", response)


@must(LATE, share=0.1)
@given(number=st.integers(0, 9))
def test_hooks_upfront(lazyloading: Harness, number: int) -> None:
    """The very first request is answered with the same headers as the next one.

    Usual cause: hooks are registered by a module that is only imported by the first
    request: they miss it, and Flask refuses them.
    """
    paths = sorted(lazyloading.paths())
    path = paths[number % len(paths)]
    first, second = lazyloading.answers(path)
    expect(first == second, f"{second} from the first GET {path} on", first)


@should(LATE, share=0.1)
@given(number=st.integers(0, 9))
def test_targets_resolve(lazyloading: Harness, number: int) -> None:
    """Each view that the URL map names is there when it is asked for.

    Usual cause: a function was renamed, and the URL map has its old name in a string
    that nothing checks before a user comes.
    """
    paths = lazyloading.paths()
    path = sorted(paths)[number % len(paths)]
    module = paths[path]
    expect(_found(module), f"a module {module}", "there is none")
    first, _ = lazyloading.answers(path)
    expect(first["status"] < 500, f"an answer to GET {path}", first["status"])


def _found(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


@should(LATE)
@given(method=methods)
@example(method="PUT")
@example(method="GET")
def test_methods_honoured(lazyloading: Harness, method: str) -> None:
    """The methods that a rule is registered with are those that it answers.

    Usual cause: the stand-in has a `methods` attribute, which Flask takes for the view's.
    """
    client = lazyloading.host().client()
    for target, allowed in (("/save/it", {"POST", "PUT"}), ("/", {"GET", "HEAD"})):
        response = client.open(method, target)
        wanted = method in allowed or method == "OPTIONS"
        expect(
            (response.status < 400) == wanted and (wanted or response.status == 405),
            f"{'an answer' if wanted else '405'} for {method} {target}",
            response,
        )


@should(LATE)
def test_async(lazyloading: Harness) -> None:
    """A view that is a coroutine function is awaited.

    Usual cause: Flask looks whether the stand-in is one, and it is not;
    `app.ensure_sync` has to be called on what was loaded.
    """
    if importlib.util.find_spec("asgiref") is None:
        raise Untested.for_package("asgiref", "flask[async]")
    host = lazyloading.host()
    app = host.flask_app
    host.call("add_url_rule", app.add_url_rule, "/later",
              view_func=host.lazy(f"{host.modules['shop']}.later"))  # fmt: skip
    response = host.client().get("/later")
    expect(response.body == b"later in shop", "the coroutine's result", response)


@harden(LATE)
@given(failures=st.integers(1, 3))
def test_failure_retry(lazyloading: Harness, failures: int) -> None:
    """A module that can not be imported costs its own views a 500, and is tried again.

    Usual cause: the failure is kept as the view, or the import runs when the
    application is set up.
    """
    host = lazyloading.host()
    client = host.client()
    host.inside()
    host.need_app()  # writes the modules
    failing.add(host.modules["shop"])
    for _ in range(failures):
        response = client.get("/")
        expect(
            response.status == 500 and response.error is None,
            "500 for a view of the broken module",
            response,
        )
        other = client.get("/blog")
        expect(other.status == 200, "200 for another module's view", other)
    failing.clear()
    response = client.get("/")
    expect(response.status == 200, "200 once the module can be imported", response)
