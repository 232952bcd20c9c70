"""The clauses of Application Factories."""

from __future__ import annotations

import contextlib
import copy
import inspect
import traceback
from collections import Counter
from collections.abc import Iterator
from functools import partial
from threading import Event
from typing import Any

import flask
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from conformance.clause import (
    effort,
    example,
    expect,
    explore,
    given,
    harden,
    must,
    should,
    together,
)
from conformance.core.errors import Deviation, SecondBuildError, SubjectError, Untested
from conformance.core.told import at
from conformance.instruments.strategies import Machine, lines
from conformance.patterns.appfactories import (
    FEW,
    MANY,
    OWN,
    PROBE,
    AppFactoriesHarness,
    creation_without_file,
    found_over_the_command_line,
    plain,
    registries,
    rules,
    setting_over_the_command_line,
    shared,
    wanted,
)

Harness = AppFactoriesHarness

#: Attributes that two instances must not share.
DISTINCT = ("config", "url_map", "extensions", "view_functions", "blueprints")

#: How many instances one run of a state machine creates at most.
MOST = 4

#: Lines of the factory's own code at which a thread that is creating an app is held.
HOLDS = (1, 2, 3, 5, 8, 13, 21)

#: Instances after which one more of something per instance is no coincidence.
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
    """Each call of the factory returns a new app with its own config, URL map and extensions.

    Source: the introduction: if a function creates the app, there can be several instances
    of it.

    Usual cause: the app is created once, at import or in a cache, and the factory returns
    it every time.
    """
    try:
        first, second = appfactories.call_factory(), appfactories.call_factory()
    except SecondBuildError as error:
        raise Deviation("a second call to return an app", f"the second call: {error}") from error
    expect(first is not second, "a new app from every call", "the same object twice")
    for name in DISTINCT:
        held = getattr(first, name, None)
        expect(
            held is None or held is not getattr(second, name, None),
            f"each app to have its own app.{name}",
            f"both have the same {type(held).__name__}",
        )


class Instances(Machine):
    """Instances with different settings, and the model of what each must contain."""

    def __init__(self, harness: Harness) -> None:
        super().__init__(harness)
        self.factory = harness
        self.apps: list[flask.Flask] = []
        self.models: list[dict[str, int]] = []
        self.rest: list[dict[str, Any]] = []

    @precondition(lambda self: len(self.apps) < MOST)
    @rule(settings=st.dictionaries(names, numbers, max_size=2))
    def create(self, settings: dict[str, int]) -> None:
        """Create an instance with the given settings."""
        app = self.factory.create_with(**settings)
        # Whether the settings arrive at all is checked by another clause.
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
        """Send requests to one instance, which may change its own settings."""
        index = self.some(data)
        self.factory.visit(self.apps[index], self.factory.pages(self.apps[index])[:5])
        self.rest[index] = plain(self.apps[index].config)
        self.check()

    def some(self, data: Any) -> int:
        """Draw the index of an instance."""
        return int(data.draw(st.integers(0, len(self.apps) - 1)))

    def check(self) -> None:
        """Compare every instance with its model."""
        for index, (app, model) in enumerate(zip(self.apps, self.models, strict=True)):
            seen = {key: value for key, value in app.config.items() if key.startswith(OWN)}
            foreign = sorted(seen.keys() - model.keys())
            expect(
                seen == model,
                f"apps[{index}] to hold the settings {model} and nothing of another app",
                f"it holds {seen}",
                cause=f"{foreign[0]} was given to another app" if foreign else "",
            )
            now = plain(app.config)
            rest = self.rest[index].items()
            # As text, because a NaN is not equal to itself.
            changed = [key for key, was in rest if repr(now.get(key)) != repr(was)]
            expect(
                not changed,
                f"the settings of apps[{index}] to stay while others are created, changed and used",
                f"{changed[:1]} changed from {[self.rest[index][key] for key in changed[:1]]} "
                f"to {[now.get(key) for key in changed[:1]]}",
            )


@must("", share=0.2, builds=3)
def test_config_isolation(appfactories: Harness) -> None:
    """Settings passed to one instance never appear in another or change what it has.

    This holds in whichever order instances are created, and while they serve requests.
    Otherwise one test's settings leak into the next, and one tenant's into another.

    Source: the introduction: instances of the application with different settings, in one process.

    Usual cause: the settings are merged into defaults at module level
    (`DEFAULTS.update(config)`), each call appends to a list there, or a setting is stored
    on a class, which all instances share.
    """
    appfactories.create()
    for name, (was, became) in appfactories.class_changes().items():
        expect(
            False,
            "no class attribute to follow the settings of the app created last",
            f"{name} changed from {was:.60} to {became:.60} on creating an app with other settings",
            cause="the setting is stored on a class, which all instances share",
        )
    explore(lambda: Instances(appfactories), steps=10)


@harden("", share=0.1, builds=2)
@given(value=containers)
@example(value=[[]])
def test_no_shared_mutables(appfactories: Harness, value: object) -> None:
    """Two instances share no list, dict or set that gets changed, in config or in extensions.

    What cannot be changed (a tuple, a frozenset, a read-only mapping) may be shared, and so may
    a setting that is never changed. The state of an extension exists to be changed.

    Source: beyond the chapter; it protects an instance from changes made for another one.

    Usual cause: a list in a configuration class or at module level ends up in the config
    of every app; copy it, or make it a tuple.
    """
    first = appfactories.create_with(**{PROBE: copy.deepcopy(value)})
    before = {place: repr(held) for place, held in shared(first.config, first.config, deep=True)}
    second = appfactories.create_with(**{PROBE: copy.deepcopy(value)})
    appfactories.visit(first, most=MANY if appfactories.ledger.named else FEW)
    for name in ("config", "extensions"):
        for place, held in shared(getattr(first, name), getattr(second, name)):
            was = before.get(place) if name == "config" else None
            if name == "config" and PROBE not in place and was == repr(held):
                continue
            expect(
                False,
                f"app.{name}{place} to be a separate or immutable object in each app",
                f"both hold the same {type(held).__name__}, {held!r:.80}"
                + (f", which is {origin}" if (origin := appfactories.origin(held)) else "")
                + ("" if was in (None, repr(held)) else f"; it was {was:.80} before the requests"),
            )


class Contexts(Machine):
    """Instances whose app contexts are entered and left in any order."""

    def __init__(self, harness: Harness) -> None:
        super().__init__(harness)
        self.factory = harness
        self.setting = harness.need("setting")
        self.ask = harness.component("probe")
        self.name = getattr(self.ask, "__name__", "the bound probe")
        self.apps: list[flask.Flask] = []
        #: What the probe returned when the instance was the newest, with no other context.
        self.alone: list[str] = []
        self.stack: list[tuple[int, contextlib.ExitStack]] = []

    @precondition(lambda self: len(self.apps) < MOST)
    @rule()
    def create(self) -> None:
        """Create an instance with a value that no other instance has."""
        self.apps.append(self.factory.distinct(len(self.apps)))
        with self.apps[-1].app_context():
            self.alone.append(self.asked(len(self.apps) - 1))
        self.look()

    @precondition(lambda self: self.apps and len(self.stack) < MOST)
    @rule(data=st.data())
    def enter(self, data: Any) -> None:
        """Push an instance's context on top of those already pushed."""
        index = int(data.draw(st.integers(0, len(self.apps) - 1)))
        stack = contextlib.ExitStack()
        stack.enter_context(self.apps[index].app_context())
        self.stack.append((index, stack))
        self.look()

    @precondition(lambda self: self.stack)
    @rule()
    def leave(self) -> None:
        """Pop the innermost context."""
        self.stack.pop()[1].close()
        self.look()

    def look(self) -> None:
        """Call the probe in the innermost context."""
        if not self.stack:
            return
        index = self.stack[-1][0]
        value = self.factory.token(self.setting, index)
        seen = self.asked(index)
        # What an extension derives from a setting need not contain its text.
        other = self.alone.index(seen) if seen in self.alone else -1
        made_of_it = seen == self.alone[index] and self.alone.count(seen) == 1
        expect(
            str(value).casefold() in seen.casefold() or made_of_it,
            f"the extension to use {self.setting} {value!r} in the app context of apps[{index}], "
            f"one of {len(self.apps)} instances",
            f"{self.name}() returned {seen!r}"
            + (f", which is what it returned in that of apps[{other}]" if other >= 0 else ""),
        )

    def asked(self, index: int) -> str:
        """Return what the probe returns in the current context, which is that of an instance."""
        step = f"{self.name}() in the app context of apps[{index}]"
        seen = str(self.factory.call(step, self.ask))
        self.factory.ledger.note(f"it returned {seen!r}")
        return seen

    def teardown(self) -> None:
        """Pop all contexts."""
        while self.stack:
            self.stack.pop()[1].close()


@must("")
def test_later_apps_answer(appfactories: Harness) -> None:
    """No page fails in a second app of a process that the first app answers.

    Each rule without arguments is requested with GET in the first two apps of a new interpreter.

    Source: "Application Factories": instances of the same application can run in one process, and
    each test can have one of its own.

    Usual cause: the factory does something at its first call only, such as creating tables; each
    app has a database of its own.
    """
    appfactories.need_factory()
    for path, (status, answer) in sorted(appfactories.failing_later().items()):
        expect(
            False,
            f"GET {path} not to fail in the second app; it answers {status} in the first",
            answer,
            cause="the first call of the factory does something that later calls leave out",
        )


@must("factories-extensions", share=0.2, builds=3)
def test_extension_unbound(appfactories: Harness) -> None:
    """An extension object that serves several apps uses the settings of the current app.

    Source: "Factories & Extensions": extension objects hold no application-specific state, so
    that one of them can be used for multiple apps.

    Usual cause: the extension object stores the app, or values read from its config, on
    itself, so the last app wins. Store them in `app.extensions` and look them up through
    `current_app`.
    """
    appfactories.need("setting")
    appfactories.need("probe")
    # The settings must reach the extension, which may read them only in `init_app`.
    appfactories.need_settings()
    explore(lambda: Contexts(appfactories), steps=10)


@must("factories-extensions")
def test_config_override_before_init(appfactories: Harness) -> None:
    """Settings passed to the factory are applied before extensions and blueprints are set up.

    An extension that is initialized earlier keeps using the default: a test suite that
    asks for an in-memory database then empties the real one.

    Source: "Factories & Extensions": the app is configured before `db.init_app(app)`.

    Usual cause: `app.config.update(config)` comes after the `init_app` calls.
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
                read.value == value or appfactories.took(read.key, value, read.value),
                f"{read.key} to be {value!r:.80}, as passed in, whenever it is read",
                read,
            )


@should("factory-improvements", share=0.2, builds=1)
@given(settings=st.dictionaries(names, values, max_size=4), number=numbers)
@example(settings={}, number=1)
def test_config_override_wins(appfactories: Harness, settings: dict[str, Any], number: int) -> None:
    """Settings passed to the factory override its defaults and its configuration files.

    Source: "Factory Improvements": configuration values can be passed in for unit tests.

    Usual cause: the file or the defaults are loaded after the passed settings, or the
    settings go to a loader that does not accept a mapping.
    """
    appfactories.need_settings()
    settings = {**settings, **appfactories.overrides(number)}
    app = appfactories.create(**settings)
    for key, value in settings.items():
        expect(
            key in app.config and appfactories.took(key, value, app.config[key]),
            f"{key} to be {value!r:.80}, as passed in",
            repr(app.config[key]) if key in app.config else "it is missing",
        )


@must("basic-factories")
def test_blueprints_per_instance(appfactories: Harness) -> None:
    """Every instance has all blueprints and routes exactly once, however many are created.

    Twenty apps are created, in a new interpreter if it can import the factory; fewer if that
    takes long.

    Source: "Basic Factories": the factory registers the blueprints with the app that it
    returns, on each call.

    Usual cause: blueprints or their routes are registered by code that does not run once per
    app: it is guarded by a flag, appends to a list at module level, or changes a blueprint
    inside the factory.
    """
    appfactories.need_factory()
    first, *others = appfactories.instances()
    for number, app in enumerate(others, 2):
        expect(isinstance(app, list), f"app {number} to be created like the first", app)
        if app == first:
            continue
        later = others[number - 2 :]
        expect(
            app[0] == first[0],
            f"app {number} to have the first's blueprints: {first[0]}",
            f"it has {app[0] or 'none'}"
            + (", and so has every later app" if all(each == app for each in later) else ""),
            cause=f"only the first call of {appfactories.name} registers them"
            if not app[0] and all(each == app for each in others)
            else "",
        )
        expect(
            app[1] == first[1],
            f"app {number} to have the first's routes, each once",
            _difference(first[1], app[1]),
        )


def _difference(first: list[str], second: list[str]) -> str:
    missing = list((Counter(first) - Counter(second)).elements())
    more = list((Counter(second) - Counter(first)).elements())
    parts = [f"{len(missing)} missing: {', '.join(missing[:3])}"] if missing else []
    parts += [f"{len(more)} extra: {', '.join(more[:3])}"] if more else []
    return "; ".join(parts)


@must("basic-factories")
def test_current_app_in_blueprint(appfactories: Harness) -> None:
    """A view reads the config of the app that serves the request, even with several apps.

    Source: "Basic Factories": `current_app` gives blueprints access to the app's configuration.

    Usual cause: a module stores the app or its configuration in a global; read
    `current_app.config` in a blueprint instead.
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
            text = appfactories.page_text(apps[own])
            expect(
                str(tokens[own]) in text and str(tokens[1 - own]) not in text,
                f"the page of the app with {setting} {tokens[own]!r} to show it",
                f"{text[:200]!r}"
                + (", the value of the other app" if str(tokens[1 - own]) in text else ""),
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
        together(*(partial(appfactories.visit, app, most=FEW) for app in apps))
    expect(
        not foreign,
        "a request to read the settings of the app that serves it",
        f"it read those of another app: {foreign[0]}" if foreign else "",
    )


@must("using-applications")
def test_cli_detects(appfactories: Harness) -> None:
    """`flask --app` finds the app, and passes arguments in its value to the factory.

    The clause runs `flask routes` in a new interpreter. A factory that is not called
    `create_app` or `make_app` is named explicitly.

    Source: "Using Applications": `flask --app` finds a factory called `create_app` or
    `make_app`, and passes arguments to it.

    Usual cause: an app object at module level is found before the factory, the factory
    parses the command line itself, or the package can be imported only from its own
    directory.
    """
    app = appfactories.flask_app
    name = appfactories.detectable()
    bare = name.endswith(")") or not appfactories.wants_arguments
    code, output, errors = 2, "", ""
    if bare:
        code, output, errors = appfactories.flask_command(name, "routes")
    # The factory may rightly refuse: the settings of the subject's configuration are missing.
    if not bare or (code and appfactories.bench.subject.config):
        name = appfactories.with_settings()
        code, output, errors = appfactories.flask_command(name, "routes")
    last = (errors.strip().splitlines() or ["nothing on stderr"])[-1]
    expect(code == 0, f"flask --app {name!r} routes to work", f"exit code {code}: {last}")
    missing = {rule.endpoint for rule in app.url_map.iter_rules()} - set(output.split())
    if missing:
        found = appfactories.ask(found_over_the_command_line, app=name)
        raise Deviation(
            f"flask --app {name!r} routes to list every endpoint of the app "
            f"that {appfactories.name} returns",
            f"{len(missing)} are missing, such as {min(missing)}: flask took {found}",
        )
    try:
        full = appfactories.with_settings(**{PROBE: "handed"})
    except Untested:
        return
    seen = appfactories.ask(setting_over_the_command_line, app=full, key=PROBE)
    expect(seen == "handed", f"the factory to get what flask --app {full!r} passes", repr(seen))


@harden("using-applications")
def test_callable_without_args(appfactories: Harness) -> None:
    """The factory's parameters all have defaults, or its docstring names those that do not.

    Source: beyond the chapter, whose factory takes a file name.

    Usual cause: a parameter without a default, which neither `flask run` nor a server's
    configuration passes.
    """
    appfactories.ledger.call(f"the signature of {appfactories.name}")
    docstring = inspect.getdoc(appfactories.factory) or ""
    missing = [name for name in wanted(appfactories.factory) if name not in docstring]
    expect(
        not missing,
        f"a default for each parameter of {appfactories.name}, or a docstring that names it",
        f"neither for {', '.join(missing)}",
    )


@harden("basic-factories")
def test_import_inert(appfactories: Harness) -> None:
    """Importing the factory's module creates no app, and writes, connects and starts nothing.

    An app created at import has the settings of that moment, and no test can pass it
    others.

    Source: beyond the chapter; it protects tests from an app configured at import.

    Usual cause: `app = create_app()` in the factory's module; move it to a separate module
    for the server.
    """
    appfactories.need_factory()
    found = appfactories.imported()
    expect(not found, "an import without side effects", "; ".join(found[:3]))


@should("basic-factories")
def test_config_path_stable(appfactories: Harness) -> None:
    """The factory creates the same configuration in any working directory.

    Source: "Basic Factories": the file is loaded with `from_pyfile`, relative to the app's
    root path.

    Usual cause: a configuration file is opened with a path relative to the directory in which
    the server was started; `app.config.from_pyfile` is relative to the app's root path.
    """
    appfactories.need_factory()
    away, home = appfactories.settings_by_place()
    if isinstance(home, str):
        raise Untested(f"the factory returns no app in a new interpreter: {home}")
    if isinstance(away, str):
        raise Deviation("an app when created in an empty directory, as in this one", away)
    for key in sorted({*home, *away}):
        here, there = home.get(key, "missing"), away.get(key, "missing")
        expect(
            here == there or "..." in (here, there),
            f"{key} to be {here:.80} in any directory",
            f"{there:.80} when created in an empty directory",
        )


@harden("")
def test_calls_alike(appfactories: Harness) -> None:
    """Calling the factory does not change the settings that later calls start from.

    The first five apps of a new interpreter are compared. If only the first differs, a test
    depends on which test ran before it.

    Source: beyond the chapter; it protects the second instance from what the first call has
    changed.

    Usual cause: the factory writes to the settings module, class or mapping, or to the
    environment, after reading it; write to `app.config`.
    """
    appfactories.need_factory()
    for key, (first, second) in sorted(appfactories.changed_by_first_call().items()):
        expect(
            False,
            f"{key} to be {first:.80} in the second app, as in the first",
            f"it is {second:.80} in the second app and in all later ones"
            + (f", from {source}" if (source := appfactories.source_of(key)) else ""),
            cause="the first call of the factory changes what later calls read their settings from",
        )


@harden("basic-factories")
def test_config_file_required(appfactories: Harness) -> None:
    """The factory raises if a required configuration file is missing.

    An app that starts without its file silently runs on defaults.

    Source: beyond the chapter; `from_pyfile` raises by default.

    Usual cause: `silent=True`, or an `except OSError` around loading the file.
    """
    appfactories.need_factory()
    path = appfactories.config_path()
    opened, error = appfactories.ask(creation_without_file, file=path)
    expect(
        error is not None,
        f"{appfactories.name} to raise without {appfactories.binding.config_file}",
        "it returned an app, "
        + (
            "although it tried to open the file and was told that there is none"
            if opened
            else f"and never tried to open the file, which is at {path}"
        ),
        cause="the error of the missing file is passed over" if opened else "",
    )


@should("factory-improvements")
def test_middleware_on_wsgi_app(appfactories: Harness) -> None:
    """The factory returns a Flask object; middleware wraps `app.wsgi_app` only.

    Source: "Factory Improvements": WSGI middleware is added when the app is created, and the
    factory returns the app.

    Usual cause: `return Middleware(app)`; wrap the inner callable instead:
    `app.wsgi_app = Middleware(app.wsgi_app)`.
    """
    app = appfactories.call_factory()
    lost = [name for name in ("test_client", "cli", "config") if not hasattr(app, name)]
    expect(
        isinstance(app, flask.Flask),
        "a Flask object, with its test client and command line",
        f"a {type(app).__name__}" + (f" without {', '.join(lost)}" if lost else ""),
    )


@should("basic-factories")
def test_setup_complete(appfactories: Harness) -> None:
    """All routes and hooks are registered when the factory returns; requests add none.

    Otherwise the first requests of each worker see a different app than later ones.

    Source: "Basic Factories": the factory registers everything before it returns the app.

    Usual cause: a blueprint or a hook is registered inside a view, or in a
    `before_request` function that remembers whether it has run.
    """
    app = appfactories.flask_app
    late: list[str] = []

    def raised(sender: object, exception: BaseException, **values: object) -> None:
        frames = [frame.name for frame in traceback.extract_tb(exception.__traceback__)]
        if "_check_setup_finished" in frames:
            message = str(exception).strip().partition("\n")[0]
            late.append(f"{message}{at(exception)}")

    appfactories.inside()
    before = appfactories.registered(app)
    with flask.got_request_exception.connected_to(raised, sender=app):
        appfactories.visit(app)
    expect(not late, "no setup during a request", late[0] if late else "")
    for table, was in before.items():
        now = appfactories.registered(app)[table]
        expect(
            now == was,
            f"app.{table} to be the same after requests as before",
            f"{[each for each in now if each not in was][:3]} were added, "
            f"{[each for each in was if each not in now][:3]} were removed",
        )


@harden("")
def test_factory_no_context_leak(appfactories: Harness) -> None:
    """The factory leaves no app context pushed, and starts no thread, process or connection.

    A context that stays pushed hides code that works only inside one. What is started before
    a server forks is missing from its workers, or shared by them.

    Source: beyond the chapter; it protects code that runs outside a context, and servers that
    fork.

    Usual cause: `app.app_context().push()` instead of `with app.app_context():`, or a
    scheduler that is started with the app.
    """
    appfactories.need_factory()
    found = appfactories.left()
    expect(not found, "the factory to leave nothing behind", "; ".join(found[:3]))


@harden("")
def test_concurrent_creation(appfactories: Harness) -> None:
    """Apps created concurrently in several threads are complete.

    The threads run through the factory in lockstep; then one is held at one point after
    another while a second one creates its app.

    Source: beyond the chapter; it protects tests and servers that create apps in threads.

    Usual cause: the factory stores the app that it is creating in a global.
    """
    whole = rules(appfactories.create())
    handed = appfactories.is_handed
    moment = "each of the apps that threads create at the same time"

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
        appfactories.ledger.note("four threads call the factory at the same time:")
        yield together(*(partial(create, number) for number in range(4)))
        appfactories.ledger.note(
            "one thread is held in Flask(...) while another calls the factory:"
        )
        with appfactories.held_in_flask() as done:
            yield together(partial(create, 0), partial(create_meanwhile, done))
        appfactories.ledger.note("one thread is held in the factory while another calls it:")
        for hold in HOLDS[: effort.get().apps(2 * len(HOLDS), least=4) // 2]:
            yield together(partial(create, 0), partial(create, 1), hold=hold)

    looked_at = 0
    for apps in rounds():
        # Not the app's fault: Werkzeug compiles its rules with `ast`, which can fail in
        # concurrent threads (python/cpython#106905).
        if any("AST constructor recursion depth" in str(app) for app in apps):
            continue
        looked_at += 1
        if len({id(app) for app in apps}) < len(apps):
            raise Untested("needs a new app from every call of the factory: see fresh-instance")
        for app in apps:
            expect(isinstance(app, flask.Flask), f"{moment} to be complete", app)
        for number, app in enumerate(apps):
            had = rules(app)
            expect(
                had == whole,
                f"{moment} to have the same routes as one that is created alone",
                f"in {sum(rules(each) != whole for each in apps)} of {len(apps)}, "
                f"{_difference(whole, had)}",
            )
            seen = app.config.get(PROBE, number)
            expect(seen == number, f"{moment} to have its own settings", f"those of app {seen}")
    if not looked_at:
        raise Untested("Python's own parser failed in concurrent threads (python/cpython#106905)")


@harden("")
def test_secret_not_default(appfactories: Harness) -> None:
    """Outside debug mode, the app's SECRET_KEY does not appear in its source code.

    Anyone who can read the source can sign a session for any user.

    Source: beyond the chapter; it protects sessions from anyone who can read the source.

    Usual cause: `SECRET_KEY="dev"` as a default that nothing forces anyone to replace;
    generate a key, or refuse to start without one.
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
        "no key, an external one, or a new one per instance if none is configured",
        f"the key is in the source of the module {module}",
    )


@harden("")
def test_nothing_piles_up(appfactories: Harness) -> None:
    """Creating apps does not grow the process's log handlers or signal receivers.

    Otherwise each line is logged once per instance that a test suite has created, and the
    registry keeps all of them alive.

    Source: beyond the chapter; it protects the process from what each instance leaves behind.

    Usual cause: `logger.addHandler(...)` in the factory, on a logger that all instances share.
    """
    appfactories.create()
    before = registries()
    for _ in range(REPEATS):
        appfactories.create()
    grown = {name: count - before.get(name, 0) for name, count in registries().items()}
    piled = sorted(name for name, more in grown.items() if more >= REPEATS)
    expect(
        not piled,
        f"the same number of registrations after {REPEATS} more instances as before",
        f"{grown[piled[0]]} more {piled[0]}" if piled else "",
        cause="each call of the factory adds one",
    )
