"""The clauses of Application Factories."""

from __future__ import annotations

import contextlib
import copy
import inspect
import traceback
from collections.abc import Iterator
from functools import partial
from threading import Event
from typing import Any

import flask
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from conformance.clause import example, expect, explore, given, harden, must, should, together
from conformance.core.errors import Deviation, SecondBuildError, SubjectError, Untested
from conformance.instruments.strategies import Machine, lines
from conformance.patterns.appfactories import (
    OWN,
    PROBE,
    AppFactoriesHarness,
    creation_without_file,
    effects_of_creation,
    effects_of_import,
    plain,
    registries,
    rules,
    same_setting,
    setting_over_the_command_line,
    shared,
    wanted,
)

Harness = AppFactoriesHarness

#: What an instance holds that another must not.
DISTINCT = ("config", "url_map", "extensions", "view_functions", "blueprints")

#: Instances of one run of a state machine.
MOST = 4

#: Lines of the factory's own code at which a thread that makes an app is held.
HOLDS = (1, 2, 3, 5, 8, 13, 21)

#: Instances after which one more of anything for each is no chance.
REPEATS = 3

names = st.text("ABCXYZ_019", min_size=1, max_size=8).map(OWN.__add__)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | lines(20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(lines(5), inner, max_size=3),
    max_leaves=6,
)
containers = st.lists(values, max_size=3) | st.dictionaries(lines(5), values, max_size=3)
numbers = st.integers(0, 99)


@must("")
def test_fresh_instance(appfactories: Harness) -> None:
    """Two calls of the factory give two apps, each with its own settings, URL map and extensions.

    Source: the introduction: with the app's creation in a function there can be multiple
    instances of it.

    Usual cause: the app is made once, at import or in a cache, and the factory
    gives it again.
    """
    try:
        first, second = appfactories.call_factory(), appfactories.call_factory()
    except SecondBuildError as error:
        raise Deviation("a second call to make an app, too", f"the second call: {error}") from error
    expect(first is not second, "a new app from every call", "the same object twice")
    for name in DISTINCT:
        held = getattr(first, name, None)
        expect(
            held is None or held is not getattr(second, name, None),
            f"an app.{name} for each app",
            f"both have the same {type(held).__name__}",
        )


class Instances(Machine):
    """Instances with settings of their own, and what each is known to hold."""

    def __init__(self, harness: Harness) -> None:
        super().__init__(harness)
        self.factory = harness
        self.apps: list[flask.Flask] = []
        self.models: list[dict[str, int]] = []
        self.rest: list[dict[str, Any]] = []

    @precondition(lambda self: len(self.apps) < MOST)
    @rule(settings=st.dictionaries(names, numbers, max_size=2))
    def create(self, settings: dict[str, int]) -> None:
        """Create an instance with settings."""
        app = self.factory.create_with(**settings)
        # Whether what is handed in arrives is another clause's question.
        self.apps.append(app)
        self.models.append({key: value for key, value in settings.items() if key in app.config})
        self.rest.append(plain(app.config))
        self.check()

    @precondition(lambda self: self.apps)
    @rule(data=st.data(), name=names, value=numbers)
    def change(self, data: object, name: str, value: int) -> None:
        """Change a setting of one instance."""
        index = self.some(data)
        self.factory.ledger.call(f"apps[{index}].config[{name!r}] = {value}")
        self.apps[index].config[name] = value
        self.models[index][name] = value
        self.rest[index][name] = value
        self.check()

    @precondition(lambda self: self.apps)
    @rule(data=st.data())
    def visit(self, data: object) -> None:
        """Send requests to one instance; it may change its own settings meanwhile."""
        index = self.some(data)
        self.factory.visit(self.apps[index], self.factory.pages(self.apps[index])[:5])
        self.rest[index] = plain(self.apps[index].config)
        self.check()

    def some(self, data: Any) -> int:
        """Draw an instance."""
        return int(data.draw(st.integers(0, len(self.apps) - 1)))

    def check(self) -> None:
        """Compare every instance with what it is known to hold."""
        for index, (app, model) in enumerate(zip(self.apps, self.models, strict=True)):
            seen = {key: value for key, value in app.config.items() if key.startswith(OWN)}
            expect(seen == model, f"apps[{index}] to hold {model} and nothing of another", seen)
            now = plain(app.config)
            rest = self.rest[index].items()
            # As text, because a NaN is not equal to itself.
            changed = [key for key, was in rest if repr(now.get(key)) != repr(was)]
            expect(
                not changed,
                f"the settings of apps[{index}] to stay while others are made, changed and asked",
                f"{changed[:1]} went from {[self.rest[index][key] for key in changed[:1]]} "
                f"to {[now.get(key) for key in changed[:1]]}",
            )


@must("", share=0.2)
def test_config_isolation(appfactories: Harness) -> None:
    """A setting that one instance is given never shows in another, nor changes what another has.

    It holds whichever is made first, and while they serve requests. Where it does
    not, one test's settings reach the next, and one tenant's reach another.

    Source: the introduction: instances of the application with different settings, in one process.

    Usual cause: what is handed in is merged into defaults at module level
    (`DEFAULTS.update(config)`), or each call appends to a list there; or a class is given
    the setting, which all instances share.
    """
    appfactories.create()
    for name, (was, became) in appfactories.class_changes().items():
        expect(
            False,
            "no class to follow the settings of the app that was made last",
            f"{name} went from {was:.60} to {became:.60} when an app with other settings was made",
            cause="the setting is put on a class, which all instances share",
        )
    explore(lambda: Instances(appfactories), steps=10)


@harden("", share=0.1)
@given(value=containers)
@example(value=[[]])
def test_no_shared_mutables(appfactories: Harness, value: object) -> None:
    """No list, dict or set that is changed is in the settings, or extensions, of two instances.

    What is frozen (a tuple, a frozenset, a read-only mapping) may be shared, and so may a
    setting that nothing changes. An extension's state is there to be changed.

    Source: beyond the chapter; it protects an instance from what is stored for another.

    Usual cause: a list in a configuration class or at module level is put into each
    app's configuration; copy it, or make it a tuple.
    """
    first = appfactories.create_with(**{PROBE: copy.deepcopy(value)})
    before = {place: repr(held) for place, held in shared(first.config, first.config, deep=True)}
    second = appfactories.create_with(**{PROBE: copy.deepcopy(value)})
    appfactories.visit(first)
    for name in ("config", "extensions"):
        for place, held in shared(getattr(first, name), getattr(second, name)):
            if name == "config" and PROBE not in place and before.get(place) == repr(held):
                continue
            expect(
                False,
                f"an object for each app at app.{name}{place}, or a frozen one",
                f"both hold the same {type(held).__name__}, {held!r:.80}",
            )


class Contexts(Machine):
    """Instances whose app contexts are entered and left in any order."""

    def __init__(self, harness: Harness) -> None:
        super().__init__(harness)
        self.factory = harness
        self.setting = harness.need("setting")
        self.ask = harness.component("probe")
        self.apps: list[flask.Flask] = []
        #: What the extension gave where the instance was the newest, and alone.
        self.alone: list[str] = []
        self.stack: list[tuple[int, contextlib.ExitStack]] = []

    @precondition(lambda self: len(self.apps) < MOST)
    @rule()
    def create(self) -> None:
        """Create an instance with a value that no other has."""
        self.apps.append(self.factory.distinct(len(self.apps)))
        with self.apps[-1].app_context():
            self.alone.append(str(self.factory.call("the probe", self.ask)))
        self.look()

    @precondition(lambda self: self.apps and len(self.stack) < MOST)
    @rule(data=st.data())
    def enter(self, data: Any) -> None:
        """Enter an instance's context, within those that are entered."""
        index = int(data.draw(st.integers(0, len(self.apps) - 1)))
        stack = contextlib.ExitStack()
        stack.enter_context(self.apps[index].app_context())
        self.stack.append((index, stack))
        self.look()

    @precondition(lambda self: self.stack)
    @rule()
    def leave(self) -> None:
        """Leave the innermost context."""
        self.stack.pop()[1].close()
        self.look()

    def look(self) -> None:
        """Ask the extension in the context that is entered last."""
        if not self.stack:
            return
        index = self.stack[-1][0]
        value = self.factory.token(self.setting, index)
        seen = str(self.factory.call(f"the probe in a context of apps[{index}]", self.ask))
        # What an extension makes of a setting need not have its text.
        made_of_it = seen == self.alone[index] and self.alone.count(seen) == 1
        expect(
            str(value).casefold() in seen.casefold() or made_of_it,
            f"the extension to use {self.setting} {value!r} of apps[{index}], "
            f"of {len(self.apps)} that were made",
            f"it uses {seen!r}",
        )

    def teardown(self) -> None:
        """Leave every context."""
        while self.stack:
            self.stack.pop()[1].close()


@must("factories-extensions", share=0.2)
def test_extension_unbound(appfactories: Harness) -> None:
    """An extension that serves several instances uses the settings of the one that is current.

    Source: "Factories & Extensions": no application-specific state is stored on the extension
    object, so that one extension object can be used for multiple apps.

    Usual cause: the extension object keeps the app, or what it read of its
    configuration, on itself: the instance made last wins. Keep it in
    `app.extensions` and look there through `current_app`.
    """
    appfactories.need("setting")
    appfactories.need("probe")
    # The settings must reach the extension: it may read them only when it is bound.
    appfactories.need_settings()
    explore(lambda: Contexts(appfactories), steps=10)


@must("factories-extensions")
def test_config_override_before_init(appfactories: Harness) -> None:
    """Settings that are handed in are in place before extensions and blueprints are set up.

    An extension that was set up earlier works on with the default: a test suite
    that asks for a database in memory then empties the real one.

    Source: "Factories & Extensions": the application is configured before `db.init_app(app)`.

    Usual cause: `app.config.update(config)` stands after the `init_app` calls.
    """
    appfactories.need_settings()
    config = appfactories.overrides(1)
    app, reads = appfactories.early_reads(**config)
    handed = {key: app.config.get(key) for key in appfactories.bench.subject.config}
    handed.update(config)
    for read in reads:
        if read.key in handed and read.value is not None:
            value = handed[read.key]
            expect(
                read.value == value,
                f"{read.key} to be {value!r:.80}, as it was handed in, whenever it is read",
                read,
            )


@should("factory-improvements", share=0.2)
@given(settings=st.dictionaries(names, values, max_size=4), number=numbers)
@example(settings={}, number=1)
def test_config_override_wins(appfactories: Harness, settings: dict[str, Any], number: int) -> None:
    """Settings that are handed to the factory override its defaults and its configuration files.

    Source: "Factory Improvements": configuration values can be passed in for unit tests.

    Usual cause: the file, or the defaults, are loaded after them; or they are
    given to a loader that takes no mapping.
    """
    appfactories.need_settings()
    settings = {**settings, **appfactories.overrides(number)}
    app = appfactories.create(**settings)
    for key, value in settings.items():
        expect(
            key in app.config and same_setting(value, app.config[key]),
            f"{key} to be {value!r:.80}, as it was handed in",
            repr(app.config[key]) if key in app.config else "it is missing",
        )


@must("basic-factories")
def test_blueprints_per_instance(appfactories: Harness) -> None:
    """However many instances are made, each has every blueprint and every route, once.

    It makes twenty, the first of a new interpreter where that can import the factory.

    Source: "Basic Factories": the factory registers the blueprints with the app that it
    returns, as often as it is called.

    Usual cause: blueprints are registered, or given routes, in something that
    runs only once or once too often: a flag or a list at module level, a blueprint that
    is changed inside the factory.
    """
    appfactories.need_factory()
    first, *others = appfactories.instances(20)
    for number, app in enumerate(others, 2):
        expect(isinstance(app, list), f"app {number} like the first", app)
        expect(
            app[0] == first[0], f"app {number} to have the first's blueprints: {first[0]}", app[0]
        )
        expect(
            app[1] == first[1],
            f"app {number} to have every route of the first, once",
            _difference(first[1], app[1]),
        )


def _difference(first: list[str], second: list[str]) -> str:
    missing = [each for each in first if second.count(each) < first.count(each)]
    more = [each for each in second if second.count(each) > first.count(each)]
    return f"{len(missing)} are missing {missing[:3]}, {len(more)} are too many {more[:3]}"


@must("basic-factories")
def test_current_app_in_blueprint(appfactories: Harness) -> None:
    """A view reads the settings of the instance that serves the request, however they alternate.

    Source: "Basic Factories": inside blueprints `current_app` gives access to the
    application's configuration.

    Usual cause: a module keeps the app or its configuration in a global; in a
    blueprint read `current_app.config`.
    """
    paged = appfactories.binding.page is not None
    if paged:
        apps = [appfactories.distinct(number) for number in (0, 1)]
        tokens = [appfactories.token(appfactories.need("setting"), number) for number in (0, 1)]
    else:
        apps = [appfactories.create_with(**{PROBE: number}) for number in (0, 1)]

    setting = appfactories.binding.setting

    def look(own: int) -> None:
        for _ in range(5):
            text = appfactories.shown(apps[own])
            expect(
                str(tokens[own]) in text and str(tokens[1 - own]) not in text,
                f"the page of the app with {setting} {tokens[own]!r} to show it",
                f"{text[:200]!r}",
            )

    if paged:
        for own in (0, 1):
            look(own)
        together(partial(look, 0), partial(look, 1))
        if not appfactories.bench.transport.same_process:
            return
    with appfactories.foreign_reads(*apps) as foreign:
        for app in apps:
            appfactories.visit(app)
        together(*(partial(appfactories.visit, app) for app in apps))
    expect(
        not foreign,
        "a request to read the settings of the app that serves it",
        f"those of another: {foreign[0]}" if foreign else "",
    )


@must("using-applications")
def test_cli_detects(appfactories: Harness) -> None:
    """`flask --app` finds the app without further help, and hands arguments in it to the factory.

    It runs `flask routes` in a new interpreter. A factory with another name than
    `create_app` or `make_app` is named to it.

    Source: "Using Applications": `flask --app` finds the factory if it is called `create_app` or
    `make_app`, and passes arguments to it.

    Usual cause: an app object at module level that is found before the factory, a
    command line of its own that the factory parses, or a package that only imports from
    where it lies.
    """
    app = appfactories.flask_app
    name = appfactories.detectable()
    bare = name.endswith(")") or not appfactories.wants_arguments
    code, output, errors = 2, "", ""
    if bare:
        code, output, errors = appfactories.flask_command(name, "routes")
    # It may be right to refuse: what the subject's configuration gives is missing.
    if not bare or (code and appfactories.bench.subject.config):
        name = appfactories.with_settings()
        code, output, errors = appfactories.flask_command(name, "routes")
    last = (errors.strip().splitlines() or ["nothing on stderr"])[-1]
    expect(code == 0, f"flask --app {name!r} routes to work", f"exit code {code}: {last}")
    missing = {rule.endpoint for rule in app.url_map.iter_rules()} - set(output.split())
    expect(
        not missing,
        f"flask --app {name!r} routes to list every endpoint",
        f"{len(missing)} are missing, such as {min(missing, default='')}",
    )
    try:
        full = appfactories.with_settings(**{PROBE: "handed"})
    except Untested:
        return
    seen = appfactories.ask(setting_over_the_command_line, app=full, key=PROBE)
    expect(seen == "handed", f"the factory to get what flask --app {full!r} hands it", repr(seen))


@harden("using-applications")
def test_callable_without_args(appfactories: Harness) -> None:
    """The factory can be called without arguments, or its docstring names those that it wants.

    Source: beyond the chapter, whose factory takes a file name.

    Usual cause: a parameter without a default, which `flask run` and a server's
    configuration do not know of.
    """
    appfactories.ledger.call(f"the signature of {appfactories.name}")
    docstring = inspect.getdoc(appfactories.factory) or ""
    missing = [name for name in wanted(appfactories.factory) if name not in docstring]
    expect(
        not missing,
        f"a default for each parameter of {appfactories.name}, or a docstring that names it",
        f"no default and no word of {', '.join(missing)}",
    )


@harden("basic-factories")
def test_import_inert(appfactories: Harness) -> None:
    """Importing the factory's module makes no app, and writes, connects and starts nothing.

    An app that is made by an import has the settings of that moment, and no test can
    hand it others.

    Source: beyond the chapter; it protects tests from an app with the settings of the import.

    Usual cause: `app = create_app()` in the module of the factory; put it into one
    of its own for the server.
    """
    appfactories.need_factory()
    found = appfactories.ask(effects_of_import)
    expect(not found, "an import without effects", "; ".join(found[:3]))


@should("basic-factories")
def test_config_path_stable(appfactories: Harness) -> None:
    """The factory gives an app with the same settings whatever the working directory is.

    Source: "Basic Factories": the file is loaded with `from_pyfile`, from the app's root
    path.

    Usual cause: a configuration file is opened by a path that is relative to where
    the server was started; `app.config.from_pyfile` looks in the app's root path.
    """
    appfactories.need_factory()
    away, home = appfactories.settings_by_place()
    if isinstance(home, str):
        raise Untested(f"the factory gives no app in a new interpreter: {home}")
    if isinstance(away, str):
        raise Deviation("an app when created in an empty directory, as in this one", away)
    for key in sorted({*home, *away}):
        here, there = home.get(key, "missing"), away.get(key, "missing")
        expect(
            here == there or "..." in (here, there),
            f"{key} to be {here:.80} in any directory",
            f"{there:.80} when created in an empty one",
        )


@harden("")
def test_calls_alike(appfactories: Harness) -> None:
    """A call of the factory leaves what later calls take their settings from as it was.

    The first five apps of a new interpreter are compared. Where only the first is another,
    a test depends on which one ran before it.

    Source: beyond the chapter; it protects the second instance from what the first call has
    changed.

    Usual cause: the factory writes into the module, class or mapping of settings, or into the
    environment, after it has read them; write to `app.config`.
    """
    appfactories.need_factory()
    for key, (first, second) in sorted(appfactories.changed_by_first_call().items()):
        expect(
            False,
            f"{key} to be {first:.80} in the second app, as in the first",
            f"{second:.80} in it and in all that were made after it",
            cause="the first call of the factory changes what the others take their settings from",
        )


@harden("basic-factories")
def test_config_file_required(appfactories: Harness) -> None:
    """Without the configuration file that it cannot do without, the factory raises.

    An app that starts without its file runs on defaults, and nobody sees it.

    Source: beyond the chapter; `from_pyfile` raises.

    Usual cause: `silent=True`, or an `except OSError` around the file.
    """
    appfactories.need_factory()
    path = appfactories.config_path()
    opened, error = appfactories.ask(creation_without_file, file=path)
    expect(
        error is not None,
        f"{appfactories.name} to raise without {appfactories.binding.config_file}",
        "it gave an app" + ("" if opened else ", and never looked for the file"),
    )


@should("factory-improvements")
def test_middleware_on_wsgi_app(appfactories: Harness) -> None:
    """What the factory gives is a Flask object, whatever middleware is around it.

    Source: "Factory Improvements": WSGI middleware is added when the app is created, and the
    factory returns the app.

    Usual cause: `return Middleware(app)`; put it around the callable inside:
    `app.wsgi_app = Middleware(app.wsgi_app)`.
    """
    app = appfactories.call_factory()
    lost = [name for name in ("test_client", "cli", "config") if not hasattr(app, name)]
    expect(
        isinstance(app, flask.Flask),
        "a Flask object, with its test client and its command line",
        f"a {type(app).__name__}" + (f" without {', '.join(lost)}" if lost else ""),
    )


@should("basic-factories")
def test_setup_complete(appfactories: Harness) -> None:
    """Requests register nothing: routes and hooks are all there when the factory returns.

    The first requests of each worker would find another app than the later ones.

    Source: "Basic Factories": the factory registers everything before it returns the app.

    Usual cause: a blueprint or a hook that is registered inside a view, or in a
    `before_request` function that remembers whether it has run.
    """
    app = appfactories.flask_app
    late: list[str] = []

    def raised(sender: object, exception: BaseException, **values: object) -> None:
        frames = [frame.name for frame in traceback.extract_tb(exception.__traceback__)]
        if "_check_setup_finished" in frames:
            late.append(str(exception).strip().partition("\n")[0])

    appfactories.inside()
    before = appfactories.registered(app)
    with flask.got_request_exception.connected_to(raised, sender=app):
        appfactories.visit(app)
    expect(not late, "no set-up during a request", late[:1])
    for table, was in before.items():
        now = appfactories.registered(app)[table]
        expect(
            now == was,
            f"app.{table} after requests as it was before them",
            f"{[each for each in now if each not in was][:3]} came, "
            f"{[each for each in was if each not in now][:3]} went",
        )


@harden("")
def test_factory_no_context_leak(appfactories: Harness) -> None:
    """The factory leaves no app context pushed, and starts no thread, process or connection.

    A context that stays pushed hides that code works only inside one; what is started
    before a server forks is missing, or shared, in its workers.

    Source: beyond the chapter; it protects code from working only where a context was left, and
    servers that fork.

    Usual cause: `app.app_context().push()` instead of `with app.app_context():`, or
    a scheduler that is started with the app.
    """
    appfactories.need_factory()
    found = appfactories.ask(effects_of_creation)
    expect(not found, "nothing left by the factory", "; ".join(found[:3]))


@harden("")
def test_concurrent_creation(appfactories: Harness) -> None:
    """Apps that are created at one moment in several threads are as complete as any other.

    The threads go through the factory in step; then one is held, at one place after the other,
    while another one makes its app.

    Source: beyond the chapter; it protects tests and servers that make apps in threads.

    Usual cause: the factory keeps the app that it is making in a global.
    """
    first = appfactories.create()
    handed = appfactories.is_handed
    moment = "each of the apps that are created at one moment"

    def create(number: int) -> Any:
        try:
            return appfactories.call_factory(**({PROBE: number} if handed else {}))
        except SubjectError as error:
            return str(error)

    def create_meanwhile(done: Event) -> Any:
        try:
            return create(1)
        finally:
            done.set()

    def rounds() -> Iterator[list[Any]]:
        yield together(*(partial(create, number) for number in range(4)))
        with appfactories.held_in_flask() as done:
            yield together(partial(create, 0), partial(create_meanwhile, done))
        for hold in HOLDS:
            yield together(partial(create, 0), partial(create, 1), hold=hold)

    looked_at = 0
    for apps in rounds():
        # Not the app's fault: Werkzeug compiles its rules with `ast`, which can fail in
        # several threads at one moment (python/cpython#106905).
        if any("AST constructor recursion depth" in str(app) for app in apps):
            continue
        looked_at += 1
        if len({id(app) for app in apps}) < len(apps):
            raise Untested("needs a new app from every call of the factory: see fresh-instance")
        for number, app in enumerate(apps):
            expect(isinstance(app, flask.Flask), f"{moment} to be complete", app)
            expect(
                rules(app) == rules(first),
                f"{moment} to be complete",
                _difference(rules(first), rules(app)),
            )
            seen = app.config.get(PROBE, number)
            expect(seen == number, f"{moment} to have its own settings", f"those of app {seen}")
    if not looked_at:
        raise Untested("Python's own parser failed in several threads (python/cpython#106905)")


@harden("")
def test_secret_not_default(appfactories: Harness) -> None:
    """Outside of debug mode no key that stands in the source is the app's SECRET_KEY.

    Whoever can read the source can sign a session of any user.

    Source: beyond the chapter; it protects sessions from whoever can read the source.

    Usual cause: `SECRET_KEY="dev"` as a default that nothing forces to be replaced;
    generate one, or refuse to start without.
    """
    appfactories.need_factory()
    app = appfactories.without_secret()
    if app is None or not app.secret_key:
        return
    if app.debug:
        raise Untested("the app is in debug mode")
    key = app.secret_key
    module = appfactories.source_with(key if isinstance(key, str) else key.decode("latin-1"))
    expect(
        module is None,
        "no key, one from outside, or one for each instance, where none is configured",
        f"the key stands in the source of the module {module}",
    )


@harden("")
def test_nothing_piles_up(appfactories: Harness) -> None:
    """What a factory adds to registries of the process does not grow with each instance.

    Each line is logged once more for every instance that a test suite has made, and the
    registry keeps them all.

    Source: beyond the chapter; it protects the process from what every instance leaves in it.

    Usual cause: `logger.addHandler(...)` in the factory, for a logger that all instances have.
    """
    appfactories.create()
    before = registries()
    for _ in range(REPEATS):
        appfactories.create()
    grown = {name: count - before.get(name, 0) for name, count in registries().items()}
    piled = sorted(name for name, more in grown.items() if more >= REPEATS)
    expect(
        not piled,
        f"as much in the registries of the process after {REPEATS} more instances as before",
        f"{grown[piled[0]]} more {piled[0]}" if piled else "",
        cause="each call of the factory adds one",
    )
