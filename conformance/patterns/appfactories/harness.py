"""What the clauses do with a factory."""

from __future__ import annotations

import ast
import contextlib
import contextvars
import copy
import dataclasses
import functools
import inspect
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from unittest import mock

import flask

from ...core.effort import effort
from ...core.errors import Broken, NotObserved, SubjectError, Untested
from ...core.own import is_own
from ...instruments.fresh import ask, flask_command, reference_of
from ...subject import guest
from ...subject.arguments import OBJECT_PARAMETERS, config_parameter, fill, passed
from ...transports import Request
from ..harness import Harness
from .apps import (
    PROBE,
    Read,
    class_state,
    contains,
    leaves,
    rules,
    same_setting,
    stands_in,
    watched,
)
from .binding import AppFactories
from .questions import (
    FirstApps,
    first_answers,
    first_apps,
    instances,
    settings_by_place,
    wanted,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from ...instruments.bench import Bench
    from ...transports import WSGIApp

#: Settings whose values can be changed in any app.
HARMLESS = ("SECRET_KEY", "SESSION_COOKIE_NAME")

#: Apps that are compared with the first: so many that differ from it are no coincidence.
ALIKE = 5

#: Apps that are created to be compared; fewer if creating one takes long.
INSTANCES = 20

#: Seconds within which a page must answer to be visited again.
PATIENCE = 3.0

#: Pages that a visit asks for: each new app compiles its templates anew. FEW if apps are many.
MANY, FEW = 300, 60

#: Seconds for which one thread that creates an app is held while another creates its own.
HELD = 0.5

#: The names that the `flask` command looks for.
DETECTED = ("create_app", "make_app")

#: The attributes of an app that registering something changes.
TABLES = (
    "view_functions",
    "blueprints",
    "before_request_funcs",
    "after_request_funcs",
    "teardown_request_funcs",
    "teardown_appcontext_funcs",
    "template_context_processors",
    "url_value_preprocessors",
    "url_default_functions",
    "error_handler_spec",
    "shell_context_processors",
)


class AppFactoriesHarness(Harness[AppFactories]):
    """Calls the factory, and inspects the apps that it returns."""

    kind = "routes"

    def __init__(self, slug: str, binding: AppFactories, bench: Bench) -> None:
        super().__init__(slug, binding, bench)
        self._made: list[WSGIApp] = []
        #: The visited paths, and whether they answered in time.
        self._quick: dict[str, bool] = {}
        #: Those of them that answered 404.
        self._missing: set[str] = set()

    def begin_example(self, values: Mapping[str, object] | None = None) -> None:
        """Begin an example with apps of its own."""
        super().begin_example(values)
        # A database may accept `setup` only once.
        self.__dict__.pop("_folder", None)
        for app in self._made:
            self.bench.stop(app)
        # One is kept, to notice if the factory returns the same app twice.
        del self._made[1:]

    # The factory.

    @functools.cached_property
    def factory(self) -> Callable[..., Any]:
        """The factory; raises `Untested` if the subject is an app object."""
        target = self.bench.subject.target()
        if not target.factory:
            raise Untested("needs a factory: the subject is an app object")
        if target.fixture:
            raise Untested(
                "needs a factory: a fixture calls it with its own arguments; name it, "
                "factory = 'module:factory'"
            )
        return cast("Callable[..., object]", target.found)

    def need_factory(self) -> None:
        """Raise `Untested` if the clause cannot call the factory; see `factory`."""
        _ = self.factory

    def need_settings(self) -> None:
        """Raise `Untested` if the factory does not take settings; see `parameter`."""
        _ = self.parameter

    @property
    def name(self) -> str:
        """The name of the factory."""
        return getattr(self.factory, "__name__", "the factory")

    def call_factory(self, **config: object) -> object:
        """Call the factory with settings and note the call; raise `SubjectError` if it fails."""
        self.need_factory()
        settings = ", ".join(f"{key}={value!r:.60}" for key, value in config.items())
        self.ledger.call(f"{self.name}({settings})")
        return self.bench.build(**config)

    def create(self, **config: object) -> flask.Flask:
        """Return a new app with settings, which are passed to the factory if it takes any.

        Raise `Untested` if the factory returns something other than a Flask app, or the same
        app again: other clauses report that.
        """
        app = self.call_factory(**config)
        if not isinstance(app, flask.Flask):
            raise Untested(f"needs a factory of Flask apps: it returns a {type(app).__name__}")
        if any(app is other for other in self._made):
            raise Untested("needs a new app from every call of the factory: see fresh-instance")
        self._made.append(app)
        return app

    @functools.cached_property
    def parameter(self) -> str:
        """The factory's parameter for settings.

        Raises `Untested` if it has none, or one that does not take a mapping.
        """
        target = self.bench.subject.target()
        name = config_parameter(self.factory)
        if name is None or target.arguments or name in target.keywords:
            raise Untested("needs a factory that takes settings, as in create_app(config=None)")
        default = inspect.signature(self.factory).parameters[name].default
        empty = default is None or default is inspect.Parameter.empty or default == {}
        if not empty and name not in OBJECT_PARAMETERS:
            raise Untested(f"needs a factory that takes settings: {name} is {default!r:.60}")
        if not self._made:
            self.create()
        self.ledger.call(f"{self.name}({PROBE}=0)")
        try:
            self.bench.build(**{PROBE: 0})
        except SubjectError as error:
            raise Untested(f"needs a factory that accepts unknown settings: {error}") from None
        return name

    @property
    def is_handed(self) -> bool:
        """Whether the factory takes settings."""
        try:
            return bool(self.parameter)
        except Untested:
            return False

    @functools.cached_property
    def defaults(self) -> Mapping[str, object]:
        """The settings of an app created without any passed in."""
        return dict(self.create().config)

    def token(self, key: str, number: int) -> object:
        """Return a value for a setting, unique to the number and of the default's type."""
        default = self.defaults.get(key)
        if isinstance(default, str) and default.startswith("sqlite:"):
            return f"sqlite:///{self._folder / f'conformance-{number:04}.db'}"
        if isinstance(default, int) and not isinstance(default, bool):
            return 710000 + number
        return f"conformance-{number:04}"

    @functools.cached_property
    def _folder(self) -> Path:
        return self.bench.folder()

    def overrides(self, number: int) -> dict[str, object]:
        """Return new values for settings that can be changed without harm."""
        keys = [key for key in HARMLESS if key in self.defaults]
        keys += [
            key
            for key, value in self.defaults.items()
            if isinstance(value, str) and value.startswith("sqlite:")
        ]
        if self.binding.setting is not None:
            keys.append(self.binding.setting)
        return {key: self.token(key, number) for key in dict.fromkeys(keys)}

    def took(self, key: str, value: object, found: object) -> bool:
        """Check whether what was found of a setting is what was passed in, or was made of it.

        The key that signs may be derived from what is passed in, or be generated once and kept
        in the app's store; only the default may not win.
        """
        if key == "SECRET_KEY" and found:
            return found != self.defaults.get(key)
        return same_setting(value, found)

    def create_with(self, **config: object) -> flask.Flask:
        """Return a new app with the settings, passed in or set afterwards."""
        if self.is_handed:
            return self.create(**config)
        app = self.create()
        app.config.update(config)
        return app

    def distinct(self, number: int) -> flask.Flask:
        """Return a new app whose bound setting has the value for a number; see `token`."""
        setting = self.need("setting")
        value = self.token(setting, number)
        app = self.create_with(**{setting: value})
        if app.config.get(setting) != value:
            raise Untested(f"needs a {setting} that can be passed in: see config-override-wins")
        return app

    def class_changes(self) -> dict[str, tuple[str, str]]:
        """Return the class attributes that follow the settings of the app created last.

        They are mapped to their values before and after. Attributes that differ between apps
        with the same settings are left out. Empty if the factory does not take settings.
        """
        if not self.is_handed:
            return {}
        own = self._is_of_source
        first, again = (class_state(self.create(), own) for _ in range(2))
        for settings in ({**self._other_values(), **self.overrides(1)}, self.overrides(1)):
            try:
                became = class_state(self.create(**settings), own)
            except SubjectError:
                continue
            # So that other clauses find the classes as they were.
            self.create()
            return {
                name: (value, became[name])
                for name, value in first.items()
                if again.get(name) == value != became.get(name, value)
            }
        return {}

    def _is_of_source(self, file: str) -> bool:
        """Check whether a file is the subject's own, in the folder of the factory's package."""
        return file.startswith(f"{self.folder_of_source}{os.sep}") and is_own(file)

    def _other_values(self) -> dict[str, object]:
        """Return new values for the simple settings that the app's source names."""
        files = {str(getattr(each, "__file__", None)) for each in [*sys.modules.values()]}
        sources = [Path(file) for file in files if self._is_of_source(file)]
        words = {
            word
            for source in sources
            if source.suffix == ".py"
            for word in re.findall(r"\b[A-Z][A-Z0-9_]+\b", source.read_text("utf-8", "replace"))
        }
        found: dict[str, object] = {"MAX_CONTENT_LENGTH": 7100007}
        for key, value in self.defaults.items():
            if key in flask.Flask.default_config or key in self.bench.subject.config:
                continue
            # Skip the settings of extensions.
            if key not in words:
                continue
            if isinstance(value, bool):
                found[key] = not value
            elif isinstance(value, int):
                found[key] = value + 1
            elif isinstance(value, str) and value.isidentifier():
                found[key] = f"{value}x"
        return found

    @contextlib.contextmanager
    def held_in_flask(self) -> Iterator[threading.Event]:
        """Hold the first app created in the block half-made, until the yielded event is set.

        If its thread waits for a lock that the first app holds, the event is never set; the
        first app goes on after a while.
        """
        make_config = flask.Flask.make_config
        first, go_on = threading.Lock(), threading.Event()

        def make(app: flask.Flask, *args: Any, **kwargs: Any) -> Any:
            made = make_config(app, *args, **kwargs)
            if first.acquire(blocking=False):
                go_on.wait(HELD)
            return made

        with mock.patch.object(flask.Flask, "make_config", make):
            yield go_on

    # Its apps.

    def pages(self, app: flask.Flask) -> list[str]:
        """Return the paths to which a GET is sent."""
        if self.binding.paths is not None:
            return list(self.binding.paths)
        return [
            rule.rule
            for rule in app.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and "<" not in rule.rule and not rule.subdomain
        ]

    def visit(
        self, app: flask.Flask, paths: Sequence[str] | None = None, *, most: int = MANY
    ) -> None:
        """Send a GET to every path, and read only the headers.

        Without paths, to the app's own; if there are more than `most`, to that many of them,
        the same ones each time. Responses, including errors, are ignored. A slow page is skipped
        from then on, which the ledger notes.
        """
        asked = self.pages(app) if paths is None else paths
        if paths is None and self.binding.paths is None:
            asked = asked[:: -(-len(asked) // most) or 1]
        for path in asked:
            if path not in self._quick:
                self._quick[path] = self._is_quick(app, path)
            elif self._quick[path]:
                self._get(app, path)
        bound = self.binding.paths
        if asked and paths is None and bound is not None and self._missing.issuperset(asked):
            said = f"nothing could be observed: {', '.join(asked)} answer 404"
            raise Broken.for_key(self.slug, "paths", said)

    def _get(self, app: flask.Flask, path: str) -> None:
        try:
            # A streaming view may never end.
            stream = self.client(app).stream(Request.build("GET", path))
            stream.close()
            if stream.status == 404:
                self._missing.add(path)
        except NotObserved:
            raise
        except Exception:
            return

    def _is_quick(self, app: flask.Flask, path: str) -> bool:
        self.client(app)  # raises here if the app cannot be served

        def get() -> None:
            with contextlib.suppress(NotObserved):
                self._get(app, path)

        visit = threading.Thread(target=get, daemon=True)
        visit.start()
        visit.join(PATIENCE)
        if visit.is_alive():
            self.ledger.call(f"GET {path} is skipped: no answer within {PATIENCE:g} s")
        return not visit.is_alive()

    def page_text(self, app: flask.Flask) -> str:
        """Return the text of the bound page."""
        return self.send(self.client(app), self.need("page")).text

    @contextlib.contextmanager
    def foreign_reads(self, *apps: flask.Flask) -> Iterator[list[Read]]:
        """Record the settings of one app that are read while another one serves a request."""
        self.inside()
        found: list[Read] = []
        with contextlib.ExitStack() as stack:
            for app in apps:

                def heard(read: Read, owner: flask.Flask = app) -> None:
                    serving = flask.current_app._get_current_object() if flask.current_app else None  # type: ignore[attr-defined]
                    if serving is not owner and any(serving is other for other in apps):
                        found.append(read)

                stack.enter_context(watched(app.config, heard))
            yield found

    def early_reads(self, **config: Any) -> tuple[flask.Flask, list[Read]]:
        """Create an app; return it and what was read of its settings during creation.

        Reads by the factory itself do not count: it may look before all settings are in place.
        """
        reads: list[Read] = []
        body = getattr(inspect.unwrap(self.factory), "__code__", None)
        make_config = flask.Flask.make_config

        def make(app: flask.Flask, *args: Any, **kwargs: Any) -> flask.Config:
            made = make_config(app, *args, **kwargs)
            stack.enter_context(watched(made, reads.append, body))
            return made

        with contextlib.ExitStack() as stack:
            stack.enter_context(mock.patch.object(flask.Flask, "make_config", make))
            app = self.create(**config)
        return app, reads

    def registered(self, app: flask.Flask) -> dict[str, Collection[object]]:
        """Return what is registered on an app, by the name of the table."""
        tables = {name: copy.copy(getattr(app, name)) for name in TABLES}
        flat = {name: sorted(leaves(table)) for name, table in tables.items()}
        return {"url_map": rules(app), **flat, "cli": sorted(app.cli.commands)}

    # In a new interpreter.

    def ask(self, question: Callable[..., Any], **given: Any) -> Any:
        """Call a function of `questions` in a new interpreter and return its result."""
        return ask(self.bench, question, **given)

    def flask_command(self, app: str, *arguments: str) -> tuple[int, str, str]:
        """Run the `flask` command on an app."""
        return flask_command(self.bench, app, *arguments)

    def detectable(self) -> str:
        """Return the shortest value of `flask --app` that should find the subject."""
        reference = reference_of(self.bench.subject)
        module, _, name = reference.rpartition(":")
        return module if name in DETECTED else reference

    def with_settings(self, **config: object) -> str:
        """Return the value of `flask --app` that passes settings to the factory."""
        parameter = self.parameter
        if parameter in OBJECT_PARAMETERS:
            raise Untested(
                f"needs settings that can be written as literals: {parameter} takes an object"
            )
        reference = reference_of(self.bench.subject)
        if reference.endswith(")"):
            raise Untested("needs a factory that is named without arguments")
        values = {**self.bench.subject.config, **config}
        values = fill(values, tmp=lambda: self._folder)
        try:
            ast.literal_eval(repr(values))
        except (ValueError, SyntaxError):
            raise Untested("needs settings that can be written as literals") from None
        spread = parameter not in passed(self.factory, parameter, values)
        keywords = values if spread else {parameter: dict(values)}
        self.ledger.call(f"{self.name}({parameter}=...)")
        watch = guest.current()
        try:
            # Where it makes nothing of a mapping, the app has its usual settings.
            with contextlib.nullcontext() if watch is None else watch.strange_settings():
                # In a copied context, so that one which it leaves pushed stays there.
                handed = contextvars.copy_context().run(self.factory, **keywords)
                taken = all(handed.config.get(key) == value for key, value in values.items())
        except Exception:
            taken = False
        if not taken:
            raise Untested("needs a factory that takes settings as a mapping")
        if ":" not in reference:
            reference += f":{self.name}"
        return f"{reference}({', '.join(f'{name}={value!r}' for name, value in keywords.items())})"

    @property
    def wants_arguments(self) -> bool:
        """Whether the factory has a parameter without a default."""
        return bool(wanted(self.factory))

    def imported(self) -> list[str]:
        """Return what importing the subject does, in a new interpreter."""
        return self._first_apps(INSTANCES)["imported"]

    def left(self) -> list[str]:
        """Return what the first call of the factory leaves behind, in a new interpreter."""
        return self.first_apps(INSTANCES)["left"]

    def first_apps(self, count: int, *, again: bool = False) -> FirstApps:
        """Return what the first apps of a new interpreter show.

        Raises `SubjectError` if none can be created. The answer of an earlier clause is
        returned, unless `again` asks for a new one.
        """
        found = self._first_apps(count, again)
        if (error := found.get("error")) is not None:
            raise SubjectError(error)
        return found

    def _first_apps(self, count: int, again: bool = False) -> FirstApps:
        count = effort.get().apps(count, least=ALIKE)
        answer = ask(self.bench, first_apps, keep=not again, count=count, alike=ALIKE)
        return cast("FirstApps", answer)

    def instances(self) -> list[Any]:
        """Return `instances` of a new interpreter, or of this one if it cannot import the app."""
        try:
            reference_of(self.bench.subject)
        except Untested:
            count = effort.get().apps(INSTANCES, least=ALIKE)
            self.ledger.call(f"{self.name}() {count} times")
            found = instances(self.bench.subject, self.bench.folder, count)
        else:
            found = self.first_apps(INSTANCES)["apps"]
        if not found:
            raise Untested("needs a factory of Flask apps")
        if isinstance(found[0], str):
            raise SubjectError(found[0])
        return found

    def settings_by_place(self) -> list[dict[str, str] | str]:
        """Return an app's settings, or the error, in an empty directory and in this one."""
        away, home = str(self.bench.folder()), os.getcwd()

        def look(*places: str) -> list[dict[str, str] | str]:
            try:
                found = self.ask(settings_by_place, cwd=places[0], places=places)
            except SubjectError as error:
                return [str(error)] * 2
            return cast("list[dict[str, str] | str]", found)

        found = look(away, home)
        if isinstance(found[1], str):
            # Perhaps the import depends on the directory.
            found[1] = look(home)[0]
        if found[0] != found[1] and isinstance(found[0], dict):
            # The first call may have changed the settings of the second.
            found[1] = look(home)[0]
        there, here = found
        if isinstance(there, dict) and isinstance(here, dict):
            for key, value in here.items():
                # A path below the working directory differs elsewhere, and rightly so.
                if there.get(key, "").replace(away, ".") == value.replace(home, "."):
                    there[key] = value
            differing = [key for key in there if there[key] not in ("...", here.get(key))]
            again = look(away)[0] if differing else None
            if isinstance(again, dict):
                # What differs in every process, such as a start time, is not due to the directory.
                there.update({key: "..." for key in differing if again.get(key) != there[key]})
        return found

    def changed_by_first_call(self) -> dict[str, tuple[str, str]]:
        """Return the settings in which a process's first app differs from all later ones.

        They are mapped to the first app's value and the others'; "missing" stands for no value.
        """

        def look(again: bool = False) -> dict[str, tuple[str, str]]:
            try:
                found = self.first_apps(ALIKE if again else INSTANCES, again=again)["settings"]
            except SubjectError as error:
                found = str(error)
            if isinstance(found, str):
                raise Untested(f"needs a Flask app from every call: {found}")
            first, second, *more = found
            pairs = {
                key: (first.get(key, "missing"), second.get(key, "missing"))
                for key in sorted({*first, *second})
            }
            return {
                key: (was, now)
                for key, (was, now) in pairs.items()
                if was != now and all(each.get(key, "missing") == now for each in more)
            }

        found = look()
        # A clock or a random choice gives different values the next time.
        return dict(found.items() & look(again=True).items()) if found else found

    def failing_later(self) -> dict[str, tuple[int, str]]:
        """Return the paths that fail with a server error in a process's second app alone.

        They are mapped to the first app's status, and to what the second one answers.
        """

        def look() -> dict[str, tuple[int, str]]:
            try:
                first, second = self.ask(first_answers)
            except SubjectError as error:
                raise Untested(f"needs an app from every call: {error}") from None
            return {
                path: (first[path][0], f"it answers {status}" + (f": {raised}" if raised else ""))
                for path, (status, raised) in second.items()
                if status >= 500 > first.get(path, (status, ""))[0]
            }

        found = look()
        # Chance fails elsewhere the next time.
        again = look() if found else {}
        return {path: each for path, each in found.items() if path in again}

    def source_of(self, key: str) -> str:
        """Return the name of the object from which `from_object` takes a setting, or ""."""
        return self.first_apps(INSTANCES)["sources"].get(key, "")

    def origin(self, held: object) -> str:
        """Return where the subject's modules hold an object, or an empty string."""
        for name, module in list(sys.modules.items()):
            if not self._is_of_source(str(getattr(module, "__file__", None))):
                continue
            for key, value in list(vars(module).items()):
                if contains(value, held):
                    return f"in {key} of the module {name}"
                if isinstance(value, type) and value.__module__ == name:
                    for attribute, inner in list(vars(value).items()):
                        if contains(inner, held):
                            return f"in {key}.{attribute} of the module {name}"
        return ""

    def config_path(self) -> str:
        """Return the path of the bound configuration file."""
        name = self.need("config_file")
        app = self.flask_app
        for folder in (app.root_path, app.instance_path):
            if (path := Path(folder, name).resolve()).is_file():
                return str(path)
        raise Broken(f"patterns.appfactories.config_file: there is no {name} in {app.root_path}")

    def without_secret(self) -> flask.Flask | None:
        """Return an app without a configured SECRET_KEY, or None if the factory refuses."""
        kept = {
            key: value
            for key, value in self.bench.subject.config.items()
            if key not in ("SECRET_KEY", "TESTING", "DEBUG")
        }
        bare = dataclasses.replace(self.bench.subject, config=kept)
        self.ledger.call(f"{self.name}() without a SECRET_KEY")
        try:
            app = bare.build(self.bench.folder)
        except SubjectError:
            return None
        return app if isinstance(app, flask.Flask) else None

    @property
    def folder_of_source(self) -> Path | None:
        """The folder that contains the factory's package or module; None without a file."""
        name = self.factory.__module__
        file = getattr(sys.modules.get(name), "__file__", None)
        package = getattr(sys.modules.get(name.partition(".")[0]), "__path__", None)
        if file is None:
            return None
        return Path(next(iter(package))).parent if package else Path(file).parent

    def source_with(self, constant: str) -> str | None:
        """Return the name of the subject's module whose source contains a constant, or None."""
        folder = self.folder_of_source
        if folder is None:
            return None
        for name, module in list(sys.modules.items()):
            path = getattr(module, "__file__", None)
            if not path or not path.endswith(".py") or not Path(path).is_relative_to(folder):
                continue
            if is_own(path) and stands_in(path, constant):
                return name
        return None
