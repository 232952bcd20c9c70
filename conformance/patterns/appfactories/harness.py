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

from ...core.errors import Broken, NotObserved, SubjectError, Untested
from ...core.own import is_own
from ...instruments.fresh import ask, flask_command, reference_of
from ...subject.arguments import OBJECT_PARAMETERS, config_parameter, fill
from ...transports import Request
from ..harness import Harness
from .apps import PROBE, Read, class_state, leaves, rules, stands_in, watched
from .binding import AppFactories
from .questions import instances, settings_by_place, settings_of_calls, wanted

if TYPE_CHECKING:
    from collections.abc import Collection

    from ...instruments.bench import Bench
    from ...transports import WSGIApp

#: Settings that every app may be given another value of.
HARMLESS = ("SECRET_KEY", "SESSION_COOKIE_NAME")

#: Apps of which only the first may be another than the rest: so many are no chance.
ALIKE = 5

#: Seconds within which a page that nobody bound has to answer, to be visited.
PATIENCE = 3.0

#: Seconds for which one thread that makes an app is held while another one makes its own.
HELD = 0.5

#: The names that the `flask` command looks for.
DETECTED = ("create_app", "make_app")

#: An app's tables that registering something changes.
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
    """Calls the factory, and looks at the apps that it gives."""

    kind = "routes"

    def __init__(self, slug: str, binding: AppFactories, bench: Bench) -> None:
        super().__init__(slug, binding, bench)
        self._made: list[WSGIApp] = []
        #: The paths that were visited, and whether they answered soon.
        self._quick: dict[str, bool] = {}
        #: Those of them that were answered with 404.
        self._missing: set[str] = set()

    def begin_example(self, values: Mapping[str, object] | None = None) -> None:
        """Start an example: its apps are its own."""
        super().begin_example(values)
        # `setup` may find a database only once.
        self.__dict__.pop("_folder", None)
        for app in self._made:
            self.bench.stop(app)
        # One stays, so that an app which the factory gives twice is seen.
        del self._made[1:]

    # The factory.

    @functools.cached_property
    def factory(self) -> Callable[..., Any]:
        """The factory; ends the clause as `untested` where the subject is an app object."""
        target = self.bench.subject.target()
        if not target.factory:
            raise Untested("needs a factory: the subject is an app object")
        if target.fixture:
            raise Untested(
                "needs a factory: a fixture calls it in its own way; write the subject as "
                "app = 'module:factory'"
            )
        return cast("Callable[..., object]", target.found)

    def need_factory(self) -> None:
        """Say that the clause calls the factory; see `factory`."""
        _ = self.factory

    def need_settings(self) -> None:
        """Say that the clause hands settings to the factory; see `parameter`."""
        _ = self.parameter

    @property
    def name(self) -> str:
        """What the factory is called."""
        return getattr(self.factory, "__name__", "the factory")

    def call_factory(self, **config: object) -> object:
        """Call the factory with settings, counted; raises `SubjectError` where that fails."""
        self.need_factory()
        shown = ", ".join(f"{key}={value!r:.60}" for key, value in config.items())
        self.ledger.call(f"{self.name}({shown})")
        return self.bench.build(**config)

    def create(self, **config: object) -> flask.Flask:
        """Return a new app with settings, handed to the factory where it takes any.

        Ends the clause as `untested` where the factory gives no Flask app, or one that
        it gave before: clauses of their own say so.
        """
        app = self.call_factory(**config)
        if not isinstance(app, flask.Flask):
            raise Untested(f"needs a factory of Flask apps: this one gives a {type(app).__name__}")
        if any(app is other for other in self._made):
            raise Untested("needs a new app from every call of the factory: see fresh-instance")
        self._made.append(app)
        return app

    @functools.cached_property
    def parameter(self) -> str:
        """The factory's parameter for settings.

        Ends the clause as `untested` where it has none, or one that is no mapping.
        """
        target = self.bench.subject.target()
        name = config_parameter(self.factory)
        if name is None or target.arguments or name in target.keywords:
            raise Untested("needs a factory that is handed settings, as create_app(config=None)")
        default = inspect.signature(self.factory).parameters[name].default
        empty = default is None or default is inspect.Parameter.empty or default == {}
        if not empty and name not in OBJECT_PARAMETERS:
            raise Untested(f"needs a factory that is handed settings: {name} is {default!r:.60}")
        if not self._made:
            self.create()
        try:
            self.bench.build(**{PROBE: 0})
        except SubjectError as error:
            raise Untested(
                f"needs a factory that takes settings it does not know: {error}"
            ) from None
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
        """The settings of an app that none were handed to."""
        return dict(self.create().config)

    def token(self, key: str, number: int) -> object:
        """Return a value for a setting that no other number gives, of the kind that it has."""
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
        """Return settings whose values can be changed without harm, changed."""
        keys = [key for key in HARMLESS if key in self.defaults]
        keys += [
            key
            for key, value in self.defaults.items()
            if isinstance(value, str) and value.startswith("sqlite:")
        ]
        if self.binding.setting is not None:
            keys.append(self.binding.setting)
        return {key: self.token(key, number) for key in dict.fromkeys(keys)}

    def create_with(self, **config: object) -> flask.Flask:
        """Return a new app that has the settings, handed in or set afterwards."""
        if self.is_handed:
            return self.create(**config)
        app = self.create()
        app.config.update(config)
        return app

    def distinct(self, number: int) -> flask.Flask:
        """Return a new app whose bound setting has the value of a number; see `token`."""
        setting = self.need("setting")
        value = self.token(setting, number)
        app = self.create_with(**{setting: value})
        if app.config.get(setting) != value:
            raise Untested(f"needs a {setting} that can be handed in: see config-override-wins")
        return app

    def class_changes(self) -> dict[str, tuple[str, str]]:
        """Return the attributes of classes that follow the settings of the app made last.

        By their names, each with what it was and what it became; what differs from one app to
        the next with the same settings is left out. None where no settings can be handed in.
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
            # So that the others find the classes as they were.
            self.create()
            return {
                name: (value, became[name])
                for name, value in first.items()
                if again.get(name) == value != became.get(name, value)
            }
        return {}

    def _is_of_source(self, file: str) -> bool:
        """Check whether a file is the subject's, in the folder of its factory's package."""
        return file.startswith(f"{self.folder_of_source}{os.sep}") and is_own(file)

    def _other_values(self) -> dict[str, object]:
        """Return the simple settings that the app's source names, with other values."""
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
            # Not what extensions have of their own.
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
        """Hold the first app that is made in the block half made, until the event that it gives.

        One that nobody sets, as its thread waits for a lock of the first, is waited for a while.
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
        """Return the paths that a GET is sent to."""
        if self.binding.paths is not None:
            return list(self.binding.paths)
        return [
            rule.rule
            for rule in app.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and "<" not in rule.rule and not rule.subdomain
        ]

    def visit(self, app: flask.Flask, paths: Sequence[str] | None = None) -> None:
        """Send a GET to every path, and read no more than the headers.

        Responses, errors included, are ignored. A page that is slow is left aside, and the
        ledger says so.
        """
        asked = self.pages(app) if paths is None else paths
        for path in asked:
            if path not in self._quick:
                self._quick[path] = self._is_quick(app, path)
            elif self._quick[path]:
                self._get(app, path)
        bound = self.binding.paths
        if asked and paths is None and bound is not None and self._missing.issuperset(asked):
            said = f"nothing was seen of the application: {', '.join(asked)} answer 404"
            raise Broken.for_key(self.slug, "paths", said)

    def _get(self, app: flask.Flask, path: str) -> None:
        try:
            # A view that streams may never end.
            stream = self.client(app).stream(Request.build("GET", path))
            stream.close()
            if stream.status == 404:
                self._missing.add(path)
        except NotObserved:
            raise
        except Exception:
            return

    def _is_quick(self, app: flask.Flask, path: str) -> bool:
        self.client(app)  # what cannot be served says so here

        def get() -> None:
            with contextlib.suppress(NotObserved):
                self._get(app, path)

        visit = threading.Thread(target=get, daemon=True)
        visit.start()
        visit.join(PATIENCE)
        if visit.is_alive():
            self.ledger.call(f"GET {path} is left aside: no answer within {PATIENCE:g} s")
        return not visit.is_alive()

    def shown(self, app: flask.Flask) -> str:
        """Return the text of the bound page."""
        return self.send(self.client(app), self.need("page")).text

    @contextlib.contextmanager
    def foreign_reads(self, *apps: flask.Flask) -> Iterator[list[Read]]:
        """Record the settings of one of the apps that are read while another one serves."""
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
        """Create an app, and give what was read of its settings meanwhile.

        Not what the factory itself read: it may look before it has put everything in place.
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
        """Return what is registered with an app."""
        tables = {name: copy.copy(getattr(app, name)) for name in TABLES}
        flat = {name: sorted(leaves(table)) for name, table in tables.items()}
        return {"url_map": rules(app), **flat, "cli": sorted(app.cli.commands)}

    # In a new interpreter.

    def ask(self, question: Callable[..., Any], **given: Any) -> Any:
        """Ask a question of this module in a new interpreter."""
        return ask(self.bench, question, **given)

    def flask_command(self, app: str, *arguments: str) -> tuple[int, str, str]:
        """Run the `flask` command on an app."""
        return flask_command(self.bench, app, *arguments)

    def detectable(self) -> str:
        """Return the shortest string by which `flask --app` is to find the subject."""
        reference = reference_of(self.bench.subject)
        module, _, name = reference.rpartition(":")
        return module if name in DETECTED else reference

    def with_settings(self, **config: object) -> str:
        """Return the string by which `flask --app` hands settings to the factory."""
        parameter = self.parameter
        if parameter in OBJECT_PARAMETERS:
            raise Untested(
                f"needs settings that can be written as literals: {parameter} takes none"
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
        self.ledger.call(f"{self.name}({parameter}=...)")
        # In a copied context, so that one which the factory leaves pushed stays there.
        handed = contextvars.copy_context().run(self.factory, **{parameter: dict(values)})
        if any(handed.config.get(key) != value for key, value in values.items()):
            raise Untested("needs a factory that takes settings as a mapping")
        if ":" not in reference:
            reference += f":{self.name}"
        return f"{reference}({parameter}={values!r})"

    @property
    def wants_arguments(self) -> bool:
        """Whether the factory has a parameter without a default."""
        return bool(wanted(self.factory))

    def instances(self, count: int) -> list[Any]:
        """Return `instances` of a new interpreter, or of this one where no other can import it."""
        try:
            reference_of(self.bench.subject)
        except Untested:
            self.ledger.call(f"{self.name}() {count} times")
            found = instances(self.bench.subject, self.bench.folder, count)
        else:
            found = self.ask(instances, count=count)
        if not found:
            raise Untested("needs a factory of Flask apps")
        if isinstance(found[0], str):
            raise SubjectError(found[0])
        return found

    def settings_by_place(self) -> list[dict[str, str] | str]:
        """Return an app's settings when created in an empty directory, and here, or the error."""
        away, home = str(self.bench.folder()), os.getcwd()

        def look(*places: str) -> list[dict[str, str] | str]:
            try:
                found = self.ask(settings_by_place, cwd=places[0], places=places)
            except SubjectError as error:
                return [str(error)] * 2
            return cast("list[dict[str, str] | str]", found)

        found = look(away, home)
        if isinstance(found[1], str):
            # Perhaps the import is what depends on the directory.
            found[1] = look(home)[0]
        if found[0] != found[1] and isinstance(found[0], dict):
            # The first call may be what changes the settings of the second.
            found[1] = look(home)[0]
        there, here = found
        if isinstance(there, dict) and isinstance(here, dict):
            for key, value in here.items():
                # A path below the working directory is another one elsewhere, and found.
                if there.get(key, "").replace(away, ".") == value.replace(home, "."):
                    there[key] = value
            differing = [key for key in there if there[key] not in ("...", here.get(key))]
            again = look(away)[0] if differing else None
            if isinstance(again, dict):
                # What is another in each process, such as when it began, no place explains.
                there.update({key: "..." for key in differing if again.get(key) != there[key]})
        return found

    def changed_by_first_call(self) -> dict[str, tuple[str, str]]:
        """Return the settings of a process's first app that all others have otherwise.

        Each with what the first has, and what the others have; "missing" where it is not there.
        """

        def look() -> dict[str, tuple[str, str]]:
            try:
                first, second, *more = self.ask(settings_of_calls, count=ALIKE)
            except SubjectError as error:
                raise Untested(f"needs a Flask app from every call: {error}") from None
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
        # A clock that went on, or a choice at random, is another one the next time.
        return dict(found.items() & look().items()) if found else found

    def config_path(self) -> str:
        """Return the bound configuration file."""
        name = self.need("config_file")
        app = self.flask_app
        for folder in (app.root_path, app.instance_path):
            if (path := Path(folder, name).resolve()).is_file():
                return str(path)
        raise Broken(f"patterns.appfactories.config_file: there is no {name} in {app.root_path}")

    def without_secret(self) -> flask.Flask | None:
        """Return an app whose key nobody configured, or None where the factory refuses."""
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
        """The folder that the factory's package, or its module, lies in; None without a file."""
        name = self.factory.__module__
        file = getattr(sys.modules.get(name), "__file__", None)
        package = getattr(sys.modules.get(name.partition(".")[0]), "__path__", None)
        if file is None:
            return None
        return Path(next(iter(package))).parent if package else Path(file).parent

    def source_with(self, constant: str) -> str | None:
        """Return the subject's own module in whose source a text stands, or None."""
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
