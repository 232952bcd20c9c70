"""What a new interpreter is asked about a package."""

from __future__ import annotations

import contextlib
import dataclasses
import fnmatch
import functools
import gc
import importlib
import importlib.metadata
import importlib.util
import multiprocessing
import os
import pkgutil
import random
import sys
import tempfile
import threading
import time
import traceback
import types
import warnings
import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any
from unittest import mock

import flask

from ...core.errors import LateSettingsError, SubjectError
from ...core.own import is_own
from ...instruments.threads import together, trace
from ...subject import Subject, guest
from ...subject.locate import Target
from ..appfactories import Effects, pages_of, rules, stands_in, wanted
from .binding import Findings, Look
from .imports import Imports, place_of
from .served import hidden, look, lost_assets, static_files

if TYPE_CHECKING:
    from multiprocessing.connection import Connection


#: Submodules that do not belong to an app, by the last part of their names.
NEVER = ("__main__", "alembic", "conftest", "migrations", "setup", "test", "tests")

#: What Flask says of a route added after its app, or its blueprint, was set up.
TOO_LATE = "can no longer be called on"

#: The most orders in which submodules are imported, and the seconds after which no other is
#: tried.
ORDERS = 12

ORDERING = 20

#: The number of threads that import concurrently.
THREADS = 6

#: Seconds for which a thread waits for the others at a line; they never arrive if one holds a
#: lock.
SAME_LINE = 2

#: The modes that an app without settings has off.
MODES = ("debug", "testing")

# Questions for a new interpreter.

Folders = Callable[[], Path]


def in_copy(function: Callable[..., object], *args: object) -> Any:
    """Return what a function returns in a copy of this process, which may import anything.

    Raises `SubjectError` if the function does.
    """
    methods = multiprocessing.get_all_start_methods()
    context: Any = multiprocessing.get_context("fork" if "fork" in methods else "spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(there, function, args))
    process.start()
    there.close()
    try:
        answer, error, late = here.recv()
    except EOFError:
        raise SubjectError("the process ended") from None
    finally:
        process.join()
    if error is not None:
        raise LateSettingsError(error) if late else SubjectError(error)
    return answer


def _answer(pipe: Connection, function: Callable[..., object], args: Sequence[object]) -> None:
    _begin()
    try:
        pipe.send((function(*args), None, False))
    except SubjectError as error:
        pipe.send((None, str(error), isinstance(error, LateSettingsError)))
    pipe.close()
    # Threads that the subject left running must not keep the process alive.
    os._exit(0)


def _begin() -> None:
    # `app.run()` then starts nothing, as under the `flask` command.
    os.environ["FLASK_RUN_FROM_CLI"] = "true"
    # Imports must not depend on the working directory; the path already has it.
    if "" not in sys.path:
        sys.path.append("")


def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="conformance-"))


def survey(
    subject: Subject,
    folder: Folders,
    setup: str | None,
    paths: Sequence[str] | None,
    skip: Sequence[str],
) -> Findings:
    """Import the package in copies of this process and return what was observed."""
    tempfile.tempdir = str(folder())
    name = str(subject.app).partition(":")[0]
    top = name.partition(".")[0]
    tops = _folders(top)
    if tops is None:
        return {"module": name}
    subject = dataclasses.replace(subject, setup=setup)
    found: Findings = in_copy(_survey_import, subject, top, tops, paths)
    if "error" in found:
        return found
    found.update(in_copy(_survey_modules, subject, top, tops, found["package"], skip))
    found["bare"] = None
    with contextlib.suppress(SubjectError):
        found["bare"] = in_copy(_bare, subject, tops)
    return found


def _folders(top: str) -> list[str] | None:
    """Return a package's folders: an empty list if there is none, None for a plain module."""
    spec = importlib.util.find_spec(top)
    if spec is None:
        return []
    if spec.submodule_search_locations is None:
        return None
    return [os.path.realpath(each) for each in spec.submodule_search_locations]


def elsewhere(
    subject: Subject,
    folder: Folders,
    setup: str | None,
    package: str,
    paths: Sequence[str],
    urls: Sequence[str],
) -> dict[str, Look | str]:
    """Return what an app serves when started in other working directories, or the error."""
    tempfile.tempdir = str(folder())
    subject = dataclasses.replace(subject, setup=setup)
    found: dict[str, Look | str] = {}
    for what, place in {"an empty directory": str(folder()), "the package": package}.items():
        try:
            found[what] = in_copy(_look_at, subject, place, paths, urls)
        except SubjectError as error:
            found[what] = str(error)
    return found


def in_orders(
    subject: Subject, folder: Folders, setup: str | None, modules: Sequence[str], seed: int
) -> list[dict[str, Any]]:
    """Return the results of importing submodules in several orders, up to the first failure."""
    tempfile.tempdir = str(folder())
    subject = dataclasses.replace(subject, setup=setup)
    begun = time.monotonic()
    found: list[dict[str, object]] = []
    for order in orders(modules, seed):
        if found and time.monotonic() - begun > ORDERING:
            break
        came = in_copy(_import_in_order, subject, order)
        if "error" in came and came["module"] in order[1:]:
            # The module may import without the others.
            alone = in_copy(_import_in_order, subject, [came["module"]])
            came = alone if alone.get("module") == came["module"] else came
        found.append({"order": order, **came})
        if "error" in came:
            break
    return found


def at_once(subject: Subject, folder: Folders, setup: str | None) -> dict[str, Any]:
    """Return what several threads get that import concurrently, or the error."""
    tempfile.tempdir = str(folder())
    subject = dataclasses.replace(subject, setup=setup)
    tops = _folders(str(subject.app).partition(":")[0].partition(".")[0]) or []
    try:
        found: dict[str, object] = in_copy(_at_once, subject, tops)
    except SubjectError as error:
        return {"error": str(error)}
    return found


def _survey_import(
    subject: Subject, top: str, tops: Sequence[str], paths: Sequence[str] | None
) -> Findings:
    found: Findings = {}

    @functools.cache
    def is_own(file: str) -> bool:
        return f"{os.path.realpath(file)}{os.sep}".startswith(tuple(t + os.sep for t in tops))

    effects = Effects(writes=True, is_own=is_own)
    made: list[tuple[weakref.ref[flask.Flask], str]] = []
    begin = flask.Flask.__init__

    def init(app: flask.Flask, *args: Any, **kwargs: Any) -> None:
        frames = [f for f in traceback.extract_stack() if is_own(f.filename)]
        if frames:
            made.append((weakref.ref(app), _made_at(frames)))
        begin(app, *args, **kwargs)

    def refuse(event: str, args: tuple[object, ...]) -> None:
        # A server that an import starts would keep it from ever ending.
        if event == "socket.bind" and any("socket" in what for what in effects.found):
            raise PermissionError("an import opens a socket")

    sys.addaudithook(refuse)

    def serve(app: flask.Flask, *args: object, **kwargs: object) -> None:
        effects.note("started a server")

    collisions: list[str] = []
    add_url_rule = flask.Flask.add_url_rule

    def add(
        app: flask.Flask, rule: str, endpoint: Any = None, view_func: Any = None, **options: Any
    ) -> None:
        name = endpoint or getattr(view_func, "__name__", "")
        old = app.view_functions.get(name)
        if view_func is not None and old is not None and old != view_func:
            collisions.append(f"{name!r} is {_described(old)} and {_described(view_func)}")
        add_url_rule(app, rule, endpoint, view_func, **options)

    with (
        mock.patch.object(flask.Flask, "__init__", init),
        mock.patch.object(flask.Flask, "run", serve),
        mock.patch.object(flask.Flask, "add_url_rule", add),
        Imports(top, is_own) as imports,
    ):
        try:
            subject.target()
            found["effects"] = effects.stop()
            gc.collect()
            others = [(made_app, place) for ref, place in made if (made_app := ref()) is not None]
            app = subject.build(_folder)
        except LateSettingsError:
            raise
        except SubjectError as error:
            found["error"] = str(error)
        found["effects"] = effects.stop()
        found["collisions"] = collisions
    if "error" in found:
        return found
    if not isinstance(app, flask.Flask):
        found["error"] = f"{subject.name} returned a {type(app).__name__}, which is not a Flask app"
        return found
    found["hidden_errors"] = [f"{text} ({place})" for text, place in imports.failed.items()]
    found["libraries"] = imports.libraries
    found["inits"] = imports.inits
    found["made"] = [place for _, place in others]
    served = {*rules(app)}
    found["unserved"] = {
        place: sorted(own)
        for other, place in others
        if other is not app and (own := own_rules(other) - served) and not holds(app, other)
    }
    _survey_app(found, subject, app)
    found["rooted"] = is_own(os.path.join(app.root_path, ""))
    asked = list(paths) if paths is not None else pages_of(app)
    found["own_assets"], found["lost_assets"] = 0, []
    for name, blueprint in app.blueprints.items():
        if f"{blueprint.import_name}.".startswith(f"{top}."):
            found["lost_assets"] += lost_assets(app, name, blueprint)
            found["own_assets"] += blueprint.template_folder is not None
            found["own_assets"] += blueprint.has_static_folder
    found["home"] = look(app, asked, list(static_files(app)))
    return found


def _made_at(frames: Sequence[traceback.FrameSummary]) -> str:
    """Return where an app is made, and the module for which it is if that is another one."""
    made = frames[-1]
    place = place_of(made.filename, made.lineno)
    for frame in reversed(frames):
        if frame.name == "<module>":
            whose = place_of(frame.filename, frame.lineno)
            return place if whose == place else f"{place}, called by {whose}"
    return place


def own_rules(app: flask.Flask) -> set[str]:
    """Return the rules of an app, without the one for its static files."""
    return {rule for rule in rules(app) if not rule.endswith(" static")}


def holds(app: flask.Flask, other: flask.Flask) -> bool:
    """Check whether an app can dispatch to another one, that is, whether it refers to it."""
    seen, waiting = {id(app)}, [*vars(app).values()]
    while waiting:
        each = waiting.pop()
        if each is other:
            return True
        if id(each) in seen or isinstance(each, type | types.ModuleType | str | bytes):
            continue
        seen.add(id(each))
        if isinstance(each, types.FunctionType):
            # Not the globals of its module, which refer to everything.
            cells = (cell for cell in each.__closure__ or ())
            with contextlib.suppress(ValueError):
                waiting += [cell.cell_contents for cell in cells]
            waiting += [*vars(each).values(), *(each.__defaults__ or ())]
        elif not isinstance(each, types.CodeType | types.FrameType):
            waiting += gc.get_referents(each)
    return False


def _survey_app(found: Findings, subject: Subject, app: flask.Flask) -> None:
    module = sys.modules[str(subject.app).partition(":")[0]]
    package = module if hasattr(module, "__path__") else sys.modules[module.__package__ or ""]
    found["package"], found["folder"] = package.__name__, str(Path(next(iter(package.__path__))))
    found["import_name"], found["root"] = app.import_name, os.path.realpath(app.root_path)
    found["rules"] = rules(app)
    found["hidden"] = list(hidden(app))


def _survey_modules(
    subject: Subject, top: str, tops: Sequence[str], name: str, skip: Sequence[str]
) -> dict[str, Any]:
    importlib.import_module(top)
    at_once = {*sys.modules}
    is_factory = subject.target().factory
    app = subject.build(_folder)
    package = sys.modules[name]
    modules, late = [], []
    for name in submodules(package.__path__, package.__name__, skip):
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                importlib.import_module(name)
            except (Exception, SystemExit) as error:
                # A module that needs a missing library, or a setting, does not belong to this
                # app.
                told = [str(error)]
            else:
                told = []
                modules.append(name)
        # Flask 2.2 only warns where later versions raise.
        told += [str(warning.message) for warning in warned]
        late += [f"{name}: {text.partition('.')[0]}" for text in told if TOO_LATE in text]
    if is_factory:
        # Whether a factory can be called again is not a question about its package.
        with contextlib.suppress(SubjectError):
            app = subject.build(_folder)
    found = rules(app)
    files: dict[str, dict[int, str]] = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and os.path.realpath(file).startswith(tuple(each + os.sep for each in tops)):
            files.setdefault(os.path.realpath(file), {})[id(module)] = name
    return {
        "modules": modules,
        "free": [name for name in modules if name not in at_once],
        "late": late,
        "all_rules": found,
        "origins": {
            rule: getattr(app.view_functions.get(rule.rpartition(" ")[2]), "__module__", "")
            for rule in found
        },
        "twins": [
            f"{place_of(file)} is {' and '.join(sorted(names.values()))}"
            for file, names in files.items()
            if len(names) > 1
        ],
    }


def _described(view: object) -> str:
    return f"{getattr(view, '__module__', '?')}.{getattr(view, '__qualname__', view)}"


def submodules(paths: Sequence[str], name: str, skip: Sequence[str]) -> Iterator[str]:
    """Yield the names of a package's submodules that belong to its app, without importing any."""
    for info in pkgutil.iter_modules(list(paths), f"{name}."):
        last = info.name.rpartition(".")[2]
        if last in NEVER or last.startswith("test_") or last.endswith("_test"):
            continue
        if any(fnmatch.fnmatchcase(info.name, pattern) for pattern in skip):
            continue
        yield info.name
        if info.ispkg:
            yield from submodules([os.path.join(path, last) for path in paths], info.name, skip)


def orders(modules: Sequence[str], seed: int) -> Iterator[list[str]]:
    """Yield orders of modules, each module first in one of them, up to `ORDERS`."""
    drawn = random.Random(seed)
    for first in drawn.sample(list(modules), min(ORDERS, len(modules))):
        rest = [name for name in modules if name != first]
        yield [first, *drawn.sample(rest, len(rest))]


def look_from(
    subject: Subject, folder: Folders, path: str, paths: Sequence[str], urls: Sequence[str]
) -> Look:
    """Import the package from a folder on the path, and request its app's pages."""
    _begin()
    sys.path.insert(0, path)
    return look(subject.build(folder), paths, urls)


def _look_at(subject: Subject, place: str, paths: Sequence[str], urls: Sequence[str]) -> Look:
    os.chdir(place)
    return look(subject.build(_folder), paths, urls)


def _bare(subject: Subject, tops: Sequence[str]) -> dict[str, object]:
    for key in [key for key in os.environ if key.startswith("FLASK_")]:
        del os.environ[key]
    _begin()
    subject = dataclasses.replace(subject, config={}, setup=None)
    switched = _Switched(tops)
    with contextlib.ExitStack() as stack:
        stack.enter_context(switched)
        if (watch := guest.current()) is not None:
            stack.enter_context(watch.strange_settings())
        target = subject.target()
        app = subject.build(_folder)
    key = getattr(app, "secret_key", None) or ""
    key = key.decode("latin-1") if isinstance(key, bytes) else str(key)
    sources = [
        file
        for top in tops
        for file in sorted(Path(top).rglob("*.py"))
        if not {*NEVER} & {*file.relative_to(top).with_suffix("").parts} and key
    ]
    return {
        "wanted": wanted(target.found)
        if target.factory and not target.arguments and not target.keywords
        else [],
        "on": [name for name in MODES if getattr(app, name, False)],
        "switched": switched.places,
        "secret": next((place_of(str(file)) for file in sources if stands_in(file, key)), None),
        "endpoints": sorted({rule.endpoint for rule in app.url_map.iter_rules()}),
    }


class _Switched:
    """Notes the lines of a package at which a mode of an app is switched on."""

    def __init__(self, tops: Sequence[str]) -> None:
        self.places: dict[str, str] = {}
        inside = tuple(top + os.sep for top in tops)
        self._is_own = functools.cache(lambda file: os.path.realpath(file).startswith(inside))
        self._made: list[flask.Flask] = []
        self._begin = flask.Flask.__init__
        self._line = ""

    def __enter__(self) -> _Switched:
        begin, made = self._begin, self._made

        def init(app: flask.Flask, *args: Any, **kwargs: Any) -> None:
            begin(app, *args, **kwargs)
            made.append(app)

        self._patch = mock.patch.object(flask.Flask, "__init__", init)
        self._patch.start()
        trace(self._at)
        return self

    def __exit__(self, *error: object) -> None:
        trace(None)
        self._patch.stop()

    def _at(self, frame: FrameType, event: str, argument: object) -> Any:
        if not self._is_own(frame.f_code.co_filename):
            return None
        # It is the line before that has done it.
        for name in MODES:
            if name not in self.places and any(getattr(app, name) for app in self._made):
                self.places[name] = self._line
        self._line = place_of(frame.f_code.co_filename, frame.f_lineno)
        return self._at


def _import_in_order(subject: Subject, order: Sequence[str]) -> dict[str, object]:
    for number, name in enumerate(order):
        try:
            importlib.import_module(name)
        except (ImportError, AttributeError) as error:
            # Other errors, such as of code that needs an app context, do not depend on the order.
            if isinstance(error, ImportError) or "partially initialized" in str(error):
                text = f"{type(error).__name__}: {str(error).partition(' (/')[0]}"
                frames = traceback.extract_tb(error.__traceback__)
                way = [place_of(f.filename, f.lineno) for f in frames if is_own(f.filename)]
                return {"module": name, "after": order[:number], "error": text, "way": way}
        except Exception:
            continue
    try:
        return {"rules": rules(subject.build(_folder))}
    except SubjectError as error:
        return {"module": subject.name, "after": order, "error": str(error)}


def _at_once(subject: Subject, tops: Sequence[str]) -> dict[str, object]:
    sys.setswitchinterval(1e-6)
    meet = threading.Barrier(THREADS)

    def target() -> Target:
        # In these threads alone: a thread that the subject starts is not in step with them.
        trace(_in_step(tops, meet))
        try:
            return subject.target()
        finally:
            # The others need not wait for a thread that has finished.
            meet.abort()

    found = [*together(*[target] * THREADS), subject.target()]
    app = subject.build(_folder) if found[0].factory else found[-1].found
    return {"given": len({id(each.found) for each in found}), "rules": rules(app)}


def _in_step(
    tops: Sequence[str], meet: threading.Barrier
) -> Callable[[FrameType, str, object], object]:
    """Return a trace function that makes threads go through a package's functions line by line.

    They meet at each line: what one has looked up and not found, no other has either. So a race
    that otherwise shows only now and then, on a busy machine, shows every time.
    """

    @functools.cache
    def is_own(file: str) -> bool:
        return os.path.realpath(file).startswith(tuple(top + os.sep for top in tops))

    def is_imported(frame: FrameType | None) -> bool:
        # One thread executes a module, and whatever that calls, while the others wait for it.
        while frame is not None:
            if frame.f_code.co_name == "<module>" and is_own(frame.f_code.co_filename):
                return True
            frame = frame.f_back
        return False

    def at_line(frame: FrameType, event: str, argument: object) -> object:
        if event == "line":
            with contextlib.suppress(threading.BrokenBarrierError):
                meet.wait(SAME_LINE)
        return at_line

    def at_call(frame: FrameType, event: str, argument: object) -> object:
        return at_line if is_own(frame.f_code.co_filename) and not is_imported(frame) else None

    return at_call


def build(
    subject: Subject,
    folder: Folders,
    source: str,
    wheels: str,
    backend: str,
    backend_path: Sequence[str],
    kinds: Sequence[str],
) -> dict[str, object]:
    """Build a project as installers do (PEP 517, 660); return what it requires and the error."""
    os.chdir(source)
    sys.path[:0] = [os.path.join(source, path) for path in backend_path]
    wants: list[str] = []
    for kind in kinds:
        try:
            name, _, attribute = backend.partition(":")
            hooks: object = importlib.import_module(name)
            for part in filter(None, attribute.split(".")):
                hooks = getattr(hooks, part)
            # If a backend cannot make an editable wheel, an installer does without it too.
            if hasattr(hooks, f"build_{kind}"):
                wants += getattr(hooks, f"get_requires_for_build_{kind}", list)()
                os.makedirs(os.path.join(wheels, kind))
                getattr(hooks, f"build_{kind}")(os.path.join(wheels, kind))
        except (Exception, SystemExit) as error:
            return {"kind": kind, "requires": wants, "error": _text(error)}
    return {"error": None}


def _text(error: BaseException) -> str:
    kind = type(error)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    return f"{module}{kind.__qualname__}: {error}"
