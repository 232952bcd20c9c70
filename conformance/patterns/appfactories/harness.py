"""Application Factories: a function makes the app, as often as it is called."""

from __future__ import annotations

import ast
import contextlib
import contextvars
import copy
import dataclasses
import functools
import inspect
import os
import sys
import sysconfig
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, cast
from unittest import mock

import flask

from ...core.errors import Broken, NotObserved, SubjectError, Untested
from ...instruments.fresh import ask, flask_command, reference_of
from ...subject import Subject
from ...subject.arguments import OBJECT_PARAMETERS, config_parameter
from ...subject.config import Binding, Component, Route
from ...transports import Request
from .. import Pattern
from ..harness import Harness

#: What the names of settings begin with that no app knows.
OWN = "CONFORMANCE_"

#: A setting that is handed in to see whether a factory takes any.
PROBE = f"{OWN}PROBE"

#: Settings that every app may be given another value of.
HARMLESS = ("SECRET_KEY", "SESSION_COOKIE_NAME")

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

_PLAIN = (str, bytes, int, float, bool, type(None))


class AppFactories(Binding):
    """How a subject exposes its factory: an app alone shows most of it."""

    page: Route | None = None
    """A page of a blueprint whose answer contains the value of `setting`."""
    setting: str | None = None
    """A setting, such as the site's name, that `page` and `probe` depend on."""
    probe: Component = None
    """A function, called in an app context, that gives what an extension made of `setting`."""
    config_file: str | None = None
    """A configuration file that the factory can not do without, from the app's root path."""
    paths: tuple[str, ...] | None = None
    """The paths that clauses ask with GET; else all whose rules have no arguments."""


@dataclasses.dataclass(frozen=True)
class Read:
    """A setting that was read: what came, and where from."""

    key: str
    value: Any
    place: str

    def __str__(self) -> str:
        return f"{self.key} was read as {self.value!r:.80} ({self.place})"


class AppFactoriesHarness(Harness[AppFactories]):
    """Calls the factory, and looks at the apps that it gives."""

    kind = "routes"

    def __init__(self, slug: str, binding: AppFactories, bench: Any) -> None:
        super().__init__(slug, binding, bench)
        self._made: list[Any] = []

    def begin_example(self, values: Mapping[str, Any] | None = None) -> None:
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
        return cast("Callable[..., Any]", target.found)

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

    def call_factory(self, **config: Any) -> Any:
        """Call the factory with settings, counted; raises `SubjectError` where that fails."""
        self.need_factory()
        shown = ", ".join(f"{key}={value!r:.60}" for key, value in config.items())
        self.ledger.call(f"{self.name}({shown})")
        return self.bench.build(**config)

    def create(self, **config: Any) -> flask.Flask:
        """Give a new app with settings, handed to the factory where it takes any.

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
    def defaults(self) -> Mapping[str, Any]:
        """The settings of an app that none were handed to."""
        return dict(self.create().config)

    def token(self, key: str, number: int) -> Any:
        """Give a value for a setting that no other number gives, of the kind that it has."""
        default = self.defaults.get(key)
        if isinstance(default, str) and default.startswith("sqlite:"):
            return f"sqlite:///{self._folder / f'conformance-{number:04}.db'}"
        if isinstance(default, int) and not isinstance(default, bool):
            return 710000 + number
        return f"conformance-{number:04}"

    @functools.cached_property
    def _folder(self) -> Path:
        return self.bench.folder()

    def overrides(self, number: int) -> dict[str, Any]:
        """Give settings whose values can be changed without harm, changed."""
        keys = [key for key in HARMLESS if key in self.defaults]
        keys += [
            key
            for key, value in self.defaults.items()
            if isinstance(value, str) and value.startswith("sqlite:")
        ]
        if self.binding.setting is not None:
            keys.append(self.binding.setting)
        return {key: self.token(key, number) for key in dict.fromkeys(keys)}

    def create_with(self, **config: Any) -> flask.Flask:
        """Give a new app that has the settings, handed in or set afterwards."""
        if self.is_handed:
            return self.create(**config)
        app = self.create()
        app.config.update(config)
        return app

    def distinct(self, number: int) -> flask.Flask:
        """Give a new app whose bound setting has the value of a number; see `token`."""
        setting = self.need("setting")
        value = self.token(setting, number)
        app = self.create_with(**{setting: value})
        if app.config.get(setting) != value:
            raise Untested(f"needs a {setting} that can be handed in: see config-override-wins")
        return app

    # Its apps.

    def pages(self, app: flask.Flask) -> list[str]:
        """Give the paths that a GET is sent to."""
        if self.binding.paths is not None:
            return list(self.binding.paths)
        return [
            rule.rule
            for rule in app.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and "<" not in rule.rule and not rule.subdomain
        ]

    def visit(self, app: flask.Flask, paths: Sequence[str] | None = None) -> None:
        """Send a GET to every path, and read no more than the headers.

        What the views answer is no concern of these clauses, an error neither.
        """
        for path in self.pages(app) if paths is None else paths:
            try:
                # A view that streams may never end.
                self.client(app).stream(Request.build("GET", path)).close()
            except NotObserved:
                raise
            except Exception:
                continue

    def shown(self, app: flask.Flask) -> str:
        """Give the text of the bound page."""
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

        def make(app: flask.Flask, *args: Any, **kwargs: Any) -> Any:
            made = make_config(app, *args, **kwargs)
            stack.enter_context(watched(made, reads.append, body))
            return made

        with contextlib.ExitStack() as stack:
            stack.enter_context(mock.patch.object(flask.Flask, "make_config", make))
            app = self.create(**config)
        return app, reads

    def registered(self, app: flask.Flask) -> dict[str, Any]:
        """Give what is registered with an app."""
        tables = {name: copy.copy(getattr(app, name)) for name in TABLES}
        flat = {name: sorted(_leaves(table)) for name, table in tables.items()}
        return {"url_map": rules(app), **flat, "cli": sorted(app.cli.commands)}

    # In a new interpreter.

    def ask(self, question: Callable[..., Any], **given: Any) -> Any:
        """Ask a question of this module in a new interpreter."""
        return ask(self.bench, question, **given)

    def flask_command(self, app: str, *arguments: str) -> tuple[int, str, str]:
        """Run the `flask` command on an app."""
        return flask_command(self.bench, app, *arguments)

    def detectable(self) -> str:
        """Give the shortest string by which `flask --app` is to find the subject."""
        reference = reference_of(self.bench.subject)
        module, _, name = reference.rpartition(":")
        return module if name in DETECTED else reference

    def with_settings(self, **config: Any) -> str:
        """Give the string by which `flask --app` hands settings to the factory."""
        parameter = self.parameter
        if parameter in OBJECT_PARAMETERS:
            raise Untested(
                f"needs settings that can be written as literals: {parameter} takes none"
            )
        reference = reference_of(self.bench.subject)
        if reference.endswith(")"):
            raise Untested("needs a factory that is named without arguments")
        values = {**self.bench.subject.config, **config}
        values = {key: self._filled(value) for key, value in values.items()}
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

    def _filled(self, value: Any) -> Any:
        return value.replace("{tmp}", str(self._folder)) if isinstance(value, str) else value

    @property
    def wants_arguments(self) -> bool:
        """Whether the factory has a parameter without a default."""
        return bool(wanted(self.factory))

    def instances(self, count: int) -> list[Any]:
        """Give `instances` of a new interpreter, or of this one where no other can import it."""
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
        """Give an app's settings when created in an empty directory, and here, or the error."""
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
        there, here = found
        if isinstance(there, dict) and isinstance(here, dict):
            for key, value in here.items():
                # A path below the working directory is another one elsewhere, and found.
                if there.get(key, "").replace(away, ".") == value.replace(home, "."):
                    there[key] = value
        return found

    def config_path(self) -> str:
        """Give the bound configuration file."""
        name = self.need("config_file")
        app = self.flask_app
        for folder in (app.root_path, app.instance_path):
            if (path := Path(folder, name).resolve()).is_file():
                return str(path)
        raise Broken(f"patterns.appfactories.config_file: there is no {name} in {app.root_path}")

    def without_secret(self) -> flask.Flask | None:
        """Give an app whose key nobody configured, or None where the factory refuses."""
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

    def source_with(self, constant: str) -> str | None:
        """Give the subject's own module in whose source a text stands, or None."""
        top = sys.modules.get(self.factory.__module__.partition(".")[0])
        file = getattr(sys.modules.get(self.factory.__module__), "__file__", None)
        if file is None:
            return None
        package = getattr(top, "__path__", None)
        folder = Path(next(iter(package))).parent if package else Path(file).parent
        for name, module in list(sys.modules.items()):
            path = getattr(module, "__file__", None)
            if not path or not path.endswith(".py") or not Path(path).is_relative_to(folder):
                continue
            if is_own(path) and stands_in(path, constant):
                return name
        return None


# What stands in an app, and in its source.


def stands_in(file: str | Path, constant: str) -> bool:
    """Whether a text stands in a Python file as a literal."""
    tree = ast.parse(Path(file).read_bytes())
    values = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return any(value in (constant, constant.encode()) for value in values)


def rules(app: flask.Flask) -> list[str]:
    """Give every rule of an app, with its methods and its endpoint."""
    return sorted(
        f"{rule.rule} {','.join(sorted(rule.methods or ()))} {rule.endpoint}"
        for rule in app.url_map.iter_rules()
    )


def _leaves(table: Any, path: str = "") -> Iterator[str]:
    if isinstance(table, Mapping):
        for key, value in table.items():
            yield from _leaves(value, f"{path} {getattr(key, '__name__', key)}")
    elif isinstance(table, list | tuple):
        for value in table:
            yield from _leaves(value, path)
    else:
        yield f"{path} {getattr(table, '__qualname__', type(table).__name__)}".strip()


def plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Give a copy of those settings that are data: text, numbers, and containers of them."""
    return {key: _copied(value) for key, value in settings.items() if _is_plain(value)}


def _is_plain(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_is_plain(item) for pair in value.items() for item in pair)
    if isinstance(value, list | tuple | set | frozenset):
        return all(_is_plain(item) for item in value)
    return isinstance(value, _PLAIN)


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_copied(item) for item in value]
    return set(value) if isinstance(value, set | frozenset) else value


def shared(first: Any, second: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Give the containers that both values hold, and that can be changed, with their places."""
    if first is second and _changes(first):
        yield path, first
    elif isinstance(first, Mapping) and isinstance(second, Mapping):
        for key in first:
            if key in second:
                yield from shared(first[key], second[key], f"{path}[{key!r}]")
    elif isinstance(first, list | tuple) and isinstance(second, list | tuple):
        for index, (one, other) in enumerate(zip(first, second, strict=False)):
            yield from shared(one, other, f"{path}[{index}]")


def _changes(value: Any) -> bool:
    """Whether a container takes a change; it is undone. One that is frozen raises."""
    # What it raises is its own affair: TypeError, AttributeError or one of its own.
    with contextlib.suppress(Exception):
        if isinstance(value, dict):
            value[PROBE] = None
            del value[PROBE]
            return True
        if isinstance(value, list | deque | bytearray):
            value.append(0)
            value.pop()
            return True
        if isinstance(value, set):
            value.add(PROBE)
            value.discard(PROBE)
            return True
    return False


# Who reads settings.


@contextlib.contextmanager
def watched(
    config: flask.Config, heard: Callable[[Read], object], passed_over: object = None
) -> Iterator[None]:
    """Say what is read of a configuration while the block runs, except by Flask itself.

    `passed_over` is the code object of a function whose own reads are not told.
    """
    original = type(config)

    def tell(key: Any, value: Any) -> None:
        frame = sys._getframe(2)
        name = str(frame.f_globals.get("__name__", ""))
        if name.partition(".")[0] in ("flask", "werkzeug") or frame.f_code is passed_over:
            return
        file = "/".join(Path(frame.f_code.co_filename).parts[-2:])
        heard(Read(str(key), value, f"{file}:{frame.f_lineno} in {frame.f_code.co_name}"))

    class Watched(original):  # type: ignore[valid-type,misc]
        def __getitem__(self, key: Any) -> Any:
            value = super().__getitem__(key)
            tell(key, value)
            return value

        def get(self, key: Any, default: Any = None) -> Any:
            value = super().get(key, default)
            tell(key, value)
            return value

        def setdefault(self, key: Any, default: Any = None) -> Any:
            value = super().setdefault(key, default)
            tell(key, value)
            return value

    config.__class__ = Watched
    try:
        yield
    finally:
        config.__class__ = original


# Questions for a new interpreter.

_LIBRARIES = tuple(
    str(Path(sysconfig.get_paths()[name]).resolve()) for name in ("stdlib", "purelib", "platlib")
)
_KIT = str(Path(__file__).parents[2])


def is_own(file: str) -> bool:
    """Whether a file is the subject's: no library's, not Python's, not the kit's."""
    path = str(Path(file).resolve())
    return not file.startswith("<") and not path.startswith((*_LIBRARIES, _KIT))


def _own_place(is_own: Callable[[str], bool] = is_own) -> str | None:
    """Give the subject's line that is being executed; None in a library's own module body.

    A library may do what it wants when it is imported: the subject can not help it.
    """
    place = None
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        own = is_own(file)
        if own and place is None:
            place = f"{'/'.join(Path(file).parts[-2:])}:{frame.f_lineno}"
        if frame.f_code.co_name == "<module>":
            return place if own or file.startswith(_KIT) or "runpy" in file else None
        frame = frame.f_back
    return place


class Effects:
    """What the code of a subject does beside what it gives; recorded until `stop`.

    `is_own` says which files are the subject's.
    """

    def __init__(self, *, writes: bool, is_own: Callable[[str], bool] = is_own) -> None:
        self.found: list[str] = []
        self._is_own = is_own
        self._on = True
        self._writes = writes
        sys.addaudithook(self._hear)
        started = threading.Thread.start

        def start(thread: threading.Thread) -> None:
            self.note(f"started the thread {thread.name}")
            started(thread)

        threading.Thread.start = start  # type: ignore[method-assign,assignment]

    def stop(self) -> list[str]:
        """Give what was found, in order, and record no more."""
        self._on = False
        return self.found

    def note(self, what: str) -> None:
        """Record what the subject's code is doing, with its place."""
        if self._on and (place := _own_place(self._is_own)) is not None:
            self.found.append(f"{what} ({place})")

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if not self._on:
            return
        if event == "open" and self._writes:
            path, _, flags = args
            changes = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
            if isinstance(path, str) and flags & changes and path != os.devnull:
                self.note(f"wrote {Path(path).name}")
        elif event == "sqlite3.connect" and self._writes:
            self.note("opened a database")
        elif event in ("socket.bind", "socket.connect"):
            self.note("opened a socket")
        elif event in ("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.system"):
            self.note("started a process")


def effects_of_import(subject: Subject, folder: Callable[[], Path]) -> list[str]:
    """Give what importing the subject did: apps, files, sockets, processes, threads."""
    effects = Effects(writes=True)
    begin = flask.Flask.__init__

    def init(app: flask.Flask, *args: Any, **kwargs: Any) -> None:
        effects.note("made a Flask app")
        begin(app, *args, **kwargs)

    with mock.patch.object(flask.Flask, "__init__", init):
        subject.target()
    return effects.stop()


def effects_of_creation(subject: Subject, folder: Callable[[], Path]) -> list[str]:
    """Give what calling the factory left: contexts, sockets, processes, threads."""
    subject.target()
    contexts: list[str] = []
    names = []
    effects = Effects(writes=False)

    def pushed(sender: Any, **values: Any) -> None:
        contexts.append(_own_place() or "in a library")

    def popped(sender: Any, **values: Any) -> None:
        contexts.pop()

    with flask.appcontext_pushed.connected_to(pushed):
        with flask.appcontext_popped.connected_to(popped):
            subject.build(folder)
            names = [f"left an app context pushed ({place})" for place in contexts]
    return names + effects.stop()


def instances(subject: Subject, folder: Callable[[], Path], count: int) -> list[Any]:
    """Give the blueprints and the rules of each of the first instances of an interpreter.

    Why one could not be made stands in its place, and is the last.
    """
    found: list[Any] = []
    while len(found) < count:
        try:
            app = subject.build(folder)
        except SubjectError as error:
            return [*found, str(error)]
        if not isinstance(app, flask.Flask):
            break
        found.append([sorted(app.blueprints), rules(app)])
    return found


def settings_by_place(
    subject: Subject, folder: Callable[[], Path], places: Sequence[str]
) -> list[dict[str, str] | str]:
    """Give an app's settings when it is created in each directory, or why it could not be.

    The text of those that differ from one app to the next is "...".
    """
    found: list[dict[str, str] | str] = []
    for place in places:
        os.chdir(place)
        try:
            first, second = (subject.build(folder).config for _ in range(2))
        except SubjectError as error:
            found.append(str(error))
            continue
        found.append(
            {
                key: repr(first[key]) if repr(first[key]) == repr(second.get(key)) else "..."
                for key in first
            }
        )
    return found


def creation_without_file(
    subject: Subject, folder: Callable[[], Path], file: str
) -> tuple[bool, str | None]:
    """Say whether the factory looks for a file, and what it raises where that is missing."""
    opened = []

    def hide(event: str, args: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(args[0], str) and os.path.realpath(args[0]) == file:
            opened.append(file)
            raise FileNotFoundError(2, "No such file or directory", file)

    sys.addaudithook(hide)
    try:
        subject.build(folder)
    except SubjectError as error:
        return bool(opened), str(error)
    return bool(opened), None


def setting_over_the_command_line(
    subject: Subject, folder: Callable[[], Path], app: str, key: str
) -> Any:
    """Give a setting of the app that the `flask` command loads for `--app`."""
    from flask.cli import ScriptInfo

    try:
        value = ScriptInfo(app_import_path=app).load_app().config.get(key)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return value


def wanted(factory: Callable[..., Any]) -> list[str]:
    """Give the names of the parameters that a factory must be given."""
    try:
        parameters = inspect.signature(factory).parameters.values()
    except (TypeError, ValueError):
        raise Untested("needs a factory whose signature can be read") from None
    return [
        parameter.name
        for parameter in parameters
        if parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]


pattern = Pattern(
    slug="appfactories",
    title="Application Factories",
    sections={
        "": "Application Factories",
        "basic-factories": "Basic Factories",
        "factories-extensions": "Factories & Extensions",
        "using-applications": "Using Applications",
        "factory-improvements": "Factory Improvements",
    },
    binding=AppFactories,
    harnesses=(AppFactoriesHarness,),
    implied=True,
)
