"""Dispatchers, each with one believable mistake."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any

import flask
from werkzeug.exceptions import HTTPException, InternalServerError, NotFound

from conformance import Subject
from reference.appdispatch import Instances, PathDispatcher, SubdomainDispatcher, create_mounted
from tests.proof import mutant

Environ = dict[str, Any]


def by_host(dispatcher: Any) -> Subject:
    return Subject(patterns={"appdispatch": {"subdomain_dispatcher": dispatcher}})


def by_path(dispatcher: Any) -> Subject:
    return Subject(patterns={"appdispatch": {"path_dispatcher": dispatcher}})


def before(change: Callable[[Environ], object]) -> Subject:
    """The reference by subdomain, after a wrong change of the environ."""

    class Changed(SubdomainDispatcher):
        def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
            change(environ)
            return super().__call__(environ, start_response)

    return by_host(Changed)


def stored(store: Callable[[Any], Any], dispatcher: type = SubdomainDispatcher) -> Subject:
    """The reference with another store of instances, made with the creator."""

    class Stored(dispatcher):  # type: ignore[misc]
        def __init__(self, first: Any, create_app: Any) -> None:
            super().__init__(first, create_app)
            self.instances = store(create_app)

    return by_host(Stored) if dispatcher is SubdomainDispatcher else by_path(Stored)


def combined(
    middleware: Callable[[Any, dict[str, Any]], Any],
    make: Callable[[str, str], flask.Flask] = create_mounted,
) -> Subject:
    """A main app with a backend, and the backend's reports below it, put together by hand."""
    prefixes = ("/backend", "/backend/reports")

    def create_app() -> Any:
        main = flask.Flask("main")
        main.secret_key = "main"
        main.add_url_rule("/", "home", lambda: "main")
        mounts = {prefix: make(prefix.rpartition("/")[2], prefix) for prefix in prefixes}
        return middleware(main, mounts)

    mounts = dict.fromkeys(prefixes, "/")
    return Subject(app=create_app, patterns={"appdispatch": {"mounts": mounts}})


def longest_first(
    main: Any, mounts: dict[str, Any], *, end: str = "/", script_name: bool = True
) -> Any:
    """Return a right dispatcher by prefix, with places for mistakes."""

    def application(environ: Environ, start_response: Any) -> Any:
        path = environ["PATH_INFO"]
        for prefix in sorted(mounts, key=len, reverse=True):
            if f"{path}{end}".startswith(f"{prefix}{end}"):
                if script_name:
                    environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix
                environ["PATH_INFO"] = path[len(prefix) :]
                return mounts[prefix](environ, start_response)
        return main(environ, start_response)

    return application


@mutant("prefix-to-script-name", says="PATH_INFO '/b/'")
def script_name_replaced() -> Subject:
    """The prefix replaces what a front server had put into SCRIPT_NAME."""

    class Replaces(PathDispatcher):
        def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
            environ["SCRIPT_NAME"] = ""
            return super().__call__(environ, start_response)

    return by_path(Replaces)


@mutant("prefix-to-script-name", says="SCRIPT_NAME ''", also=["segment-boundary", "longest-prefix"])
def script_name_forgotten() -> Subject:
    """The prefix is cut off the path and put nowhere: every link in a mounted app is wrong."""
    return combined(lambda main, mounts: longest_first(main, mounts, script_name=False))


@mutant("segment-boundary", says="not to be dispatched to /backend")
def letters_not_segments() -> Subject:
    """A prefix is compared letter by letter, without the slash after it."""
    return combined(lambda main, mounts: longest_first(main, mounts, end=""))


def as_written(main: Any, mounts: dict[str, Any]) -> Any:
    """Return a dispatcher that tries prefixes in their order."""

    def call(environ: Environ, start_response: Any) -> Any:
        for prefix, app in mounts.items():
            if f"{environ['PATH_INFO']}/".startswith(f"{prefix}/"):
                return longest_first(main, {prefix: app})(environ, start_response)
        return main(environ, start_response)

    return call


@mutant("longest-prefix", says="the application at /backend/reports", also=["isolation"])
def first_match() -> Subject:
    """The prefixes are tried in the order in which they were written."""
    return combined(as_written)


@mutant(
    "longest-prefix",
    says="the shorter prefix /backend takes the paths of /backend/reports",
    also=["isolation"],
)
def first_match_is_404() -> Subject:
    """The same, with applications that have no page for what they should not get."""

    def make(name: str, prefix: str) -> flask.Flask:
        app = flask.Flask(name)
        app.secret_key = name
        app.add_url_rule("/", "home", lambda: name)
        return app

    return combined(as_written, make)


@mutant("default-untouched", says="the default app saw SCRIPT_NAME '/no-",
        also=["failed-create-not-cached"])  # fmt: skip
def shifts_first() -> Subject:
    """The first segment is shifted off the path before the application is looked for."""

    class Shifts(PathDispatcher):
        def __init__(self, default_app: Any, create_app: Any) -> None:
            def shifted(environ: Environ, start_response: Any) -> Any:
                first, slash, rest = environ["PATH_INFO"][1:].partition("/")
                if first not in ("", ".", ".."):
                    environ["SCRIPT_NAME"] += f"/{first}"
                    environ["PATH_INFO"] = slash + rest
                return default_app(environ, start_response)

            super().__init__(shifted, create_app)

    return by_path(Shifts)


@mutant("create-once", says="every request for")
def remembers_one() -> Subject:
    """Only the newest instance is kept."""

    class Newest(OrderedDict[str, Any]):
        def __setitem__(self, key: str, value: Any) -> None:
            self.clear()
            super().__setitem__(key, value)

        def __delitem__(self, key: str) -> None:
            self.pop(key, None)

    class One(Instances):
        def __init__(self, create_app: Any) -> None:
            super().__init__(create_app)
            self.futures = Newest()

    return stored(One)


class Unlocked:
    """Looks, creates and stores, without a lock."""

    def __init__(self, create_app: Any) -> None:
        self.create_app = create_app
        self.apps: dict[str, Any] = {}

    def get(self, key: str) -> Any:
        if key not in self.apps:
            app = self.create_app(key)
            if app is None or isinstance(app, HTTPException):
                return app
            self.apps[key] = app
        return self.apps[key]


@mutant("create-once-concurrent", says="were created")
def no_lock() -> Subject:
    """Nothing keeps two requests from creating the same application."""
    return stored(Unlocked)


@mutant("create-once-concurrent", says="were created")
def no_lock_by_path() -> Subject:
    """Nothing keeps two requests from creating the same application, by path."""
    return stored(Unlocked, PathDispatcher)


@mutant("failed-create-not-cached", says="the lock is still held")
def lock_left_held() -> Subject:
    """The lock is not released where the creator raises."""

    class Held(Unlocked):
        def __init__(self, create_app: Any) -> None:
            super().__init__(create_app)
            self.lock = Lock()

        def get(self, key: str) -> Any:
            if key in self.apps:
                return self.apps[key]
            self.lock.acquire()
            app = super().get(key)
            self.lock.release()
            return app

    return stored(Held)


@mutant("failed-create-not-cached", says="which can be created now", also=["bounded"])
def none_is_stored() -> Subject:
    """None is stored as if it were an instance, and so are those without one."""

    class Stores(Unlocked):
        lock = Lock()

        def get(self, key: str) -> Any:
            if key not in self.apps:
                with self.lock:
                    if key not in self.apps:
                        self.apps[key] = self.create_app(key)
            return self.apps[key]

    return stored(Stores, PathDispatcher)


@mutant("failed-create-not-cached", says="which can be created now")
def failure_is_stored() -> Subject:
    """Where the creator raised, an error page is stored as the application."""

    class Keeps(Unlocked):
        lock = Lock()

        def get(self, key: str) -> Any:
            if key in self.apps:
                return self.apps[key]
            with self.lock:
                try:
                    return super().get(key)
                except RuntimeError as error:
                    self.apps[key] = InternalServerError(original_exception=error)
                    raise

    return stored(Keeps)


@mutant("unknown-not-kept", says="alice's application, which was unknown", also=["bounded"])
def not_found_is_stored() -> Subject:
    """The 404 of an unknown subdomain is remembered as its application, as in the docs' own code."""

    class Forever(Instances):
        def __init__(self, create_app: Any) -> None:
            def create(key: str) -> Any:
                app = create_app(key)
                return app.__call__ if isinstance(app, HTTPException) else app

            super().__init__(create)

    return stored(Forever)


@mutant("bounded", says="the dispatcher still holds 1100")
def lock_for_each_name() -> Subject:
    """Each name has a lock of its own, which nobody ever drops."""

    class Locks(Unlocked):
        def __init__(self, create_app: Any) -> None:
            super().__init__(create_app)
            self.locks: defaultdict[str, Lock] = defaultdict(Lock)

        def get(self, key: str) -> Any:
            if key not in self.apps:
                with self.locks[key]:
                    return super().get(key)
            return self.apps[key]

    return stored(Locks)


@mutant("port-ignored", says="alice.example.com:")
def port_in_the_key() -> Subject:
    """Instances are stored under the host with its port."""

    class Ports(SubdomainDispatcher):
        def __init__(self, domain: str, create_app: Any) -> None:
            super().__init__(domain, create_app)
            self.dispatchers: dict[str, Any] = {}
            self.make = lambda: SubdomainDispatcher(domain, create_app)

        def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
            _, _, port = environ.get("HTTP_HOST", "").partition(":")
            if not port.isdecimal():
                return super().__call__(environ, start_response)
            return self.dispatchers.setdefault(port, self.make())(environ, start_response)

    return by_host(Ports)


@mutant("host-dot-boundary", says="it is not in example.com")
def no_dot() -> Subject:
    """The host need only end in the letters of the domain."""

    def change(environ: Environ) -> None:
        host = environ.get("HTTP_HOST", "")
        if host.endswith("example.com"):
            name = host[: -len("example.com")].rstrip(".")
            if name.replace(".", "").isalnum():
                environ["HTTP_HOST"] = f"{name}.example.com"

    return before(change)


@mutant("host-dot-boundary", says="alice.examplexcom")
def dots_match_anything() -> Subject:
    """The domain's dots are not escaped in the pattern."""

    def change(environ: Environ) -> None:
        host = environ.get("HTTP_HOST", "")
        if host.endswith(".examplexcom"):
            environ["HTTP_HOST"] = host.replace("examplexcom", "example.com")

    return before(change)


@mutant("foreign-host-4xx", says="Configuration error")
def asserts_the_host() -> Subject:
    """The host is checked by an assertion, as in the docs' own code."""

    class Asserts(SubdomainDispatcher):
        def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
            host = environ.get("HTTP_HOST", "")
            assert self.host.fullmatch(host), "Configuration error"
            return super().__call__(environ, start_response)

    return by_host(Asserts)


@mutant("foreign-host-4xx", says="KeyError")
def host_taken_for_granted() -> Subject:
    """A request without a Host header is not thought of."""
    return before(lambda environ: environ["HTTP_HOST"])


@mutant("foreign-host-4xx", says="instance 1 of ''")
def foreign_is_home() -> Subject:
    """Whatever is not in the domain gets the application of the domain itself."""

    def change(environ: Environ) -> None:
        if "example" not in environ.get("HTTP_HOST", "").lower():
            environ["HTTP_HOST"] = "example.com"

    return before(change)


@mutant("host-case-insensitive", says="instance 1 of 'ALICE'")
def case_kept() -> Subject:
    """The host is compared without regard to case, and the subdomain used as it came."""

    class Cased(SubdomainDispatcher):
        def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
            if found := self.host.fullmatch(environ.get("HTTP_HOST", "")):
                app: Any = self.instances.get(found["subdomain"] or "") or NotFound()
                return app(environ, start_response)
            return super().__call__(environ, start_response)

    return by_host(Cased)


@mutant("unknown-tenant-404", says="wsgi_app")
def expects_flask() -> Subject:
    """The dispatcher calls `app.wsgi_app`, which only a Flask object has."""

    class Expects(SubdomainDispatcher):
        def __init__(self, domain: str, create_app: Any) -> None:
            def create(name: str) -> Any:
                app = create_app(name)
                if not isinstance(app, NotFound):
                    return app

                class Wrapped(NotFound):
                    def __call__(self, environ: Any, start_response: Any) -> Any:
                        return app.wsgi_app(environ, start_response)

                return Wrapped()

            super().__init__(domain, create)

    return by_host(Expects)


@mutant("isolation", says="it holds None")
def one_cookie_name() -> Subject:
    """The mounted apps leave the session cookie's name and path as they are."""

    def make(name: str, prefix: str) -> flask.Flask:
        app = create_mounted(name, prefix)
        app.config.update(SESSION_COOKIE_NAME="session", SESSION_COOKIE_PATH=None)
        return app

    return combined(longest_first, make)


@mutant("isolation", says="has the same one")
def one_configuration() -> Subject:
    """One configuration object is handed to every app."""
    shared: list[Any] = []

    def make(name: str, prefix: str) -> flask.Flask:
        app = create_mounted(name, prefix)
        shared.append(app.config)
        app.config = shared[0]
        app.session_interface = Sessions(name, prefix)
        return app

    class Sessions(flask.sessions.SecureCookieSessionInterface):
        def __init__(self, name: str, prefix: str) -> None:
            self.name, self.prefix = name, prefix

        def get_cookie_name(self, app: Any) -> str:
            return self.name

        def get_cookie_path(self, app: Any) -> str:
            return self.prefix

    return combined(longest_first, make)


@mutant("unicode-prefix", says="the creator was called with 'Ã©'")
def latin1_kept() -> Subject:
    """The creator is asked for the segment as WSGI carries it."""

    class Latin1(PathDispatcher):
        def __init__(self, default_app: Any, create_app: Any) -> None:
            super().__init__(
                default_app,
                lambda name: create_app(name.encode().decode("latin-1")),
            )

    return by_path(Latin1)


@mutant("no-head-of-line", says="it answers only once the application of 'slow' exists")
def created_under_the_lock() -> Subject:
    """One lock is held while any application is created, as in the docs' own code."""

    class Locked(Unlocked):
        def __init__(self, create_app: Any) -> None:
            super().__init__(create_app)
            self.lock = Lock()

        def get(self, key: str) -> Any:
            with self.lock:
                return super().get(key)

    return stored(Locked)


@mutant("canonical-path", says="/alice, the default app, or a 4xx")
def cut_as_if_plain() -> Subject:
    """All slashes before the name are passed over to find it, and one is cut off with it."""

    class Cuts(PathDispatcher):
        def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
            path = environ["PATH_INFO"]
            name = path.lstrip("/").partition("/")[0]
            app = self.instances.get(name) if path.startswith("//") else None
            if app is None:
                return super().__call__(environ, start_response)
            environ["SCRIPT_NAME"] += f"/{name}"
            environ["PATH_INFO"] = path[1 + len(name) :]
            return app(environ, start_response)

    return by_path(Cuts)


@mutant("default-untouched", says="below /outer")
def default_at_the_root() -> Subject:
    """For the default app the script name is emptied, also where the whole is mounted."""

    class Empties(PathDispatcher):
        def __init__(self, default_app: Any, create_app: Any) -> None:
            def at_root(environ: Environ, start_response: Any) -> Any:
                return default_app({**environ, "SCRIPT_NAME": ""}, start_response)

            super().__init__(at_root, create_app)

    return by_path(Empties)


@mutant("own-instance", says="both reached instance 1 of 'api'")
def first_label_only() -> Subject:
    """The subdomain is taken to be the host's first label."""

    def change(environ: Environ) -> None:
        host = environ.get("HTTP_HOST", "")
        if host.endswith(".example.com"):
            environ["HTTP_HOST"] = f"{host.partition('.')[0]}.example.com"

    return before(change)


@mutant(
    "dispatchers-apart",
    says="dispatcher 2 to create its own",
    also=["create-once", "create-once-concurrent", "failed-create-not-cached"],
)
def instances_on_the_class() -> Subject:
    """What was created is an attribute of the class, and so every dispatcher's."""
    futures: dict[str, Any] = {}

    class Shared(Instances):
        def __init__(self, create_app: Any) -> None:
            super().__init__(create_app)
            self.futures = futures

    return stored(Shared)


@mutant("answers-together", says="while the application of 'slow' answers")
def answers_under_the_lock() -> Subject:
    """The application is called inside the block that holds the lock."""

    class Locked(SubdomainDispatcher):
        def __init__(self, domain: str, create_app: Any) -> None:
            super().__init__(domain, create_app)
            self.lock = Lock()
            self.seen: set[str] = set()

        def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
            host = environ.get("HTTP_HOST", "")
            if host not in self.seen and host.startswith(("slow", "warm")):
                self.seen.add(host)
                return super().__call__(environ, start_response)
            if host not in self.seen:
                return super().__call__(environ, start_response)
            with self.lock:
                return super().__call__(environ, start_response)

    return by_host(Locked)


@mutant("foreign-host-4xx", says="forwarded for 'alice.example.com'")
def believes_forwarded_host() -> Subject:
    """X-Forwarded-Host is obeyed, whoever sent it."""

    def change(environ: Environ) -> None:
        environ["HTTP_HOST"] = environ.get("HTTP_X_FORWARDED_HOST") or environ.get("HTTP_HOST", "")

    return before(change)
