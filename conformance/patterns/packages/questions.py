"""What a new interpreter is asked about a package."""

from __future__ import annotations

import ast
import builtins
import contextlib
import dataclasses
import fnmatch
import functools
import gc
import hashlib
import importlib
import importlib.metadata
import importlib.util
import multiprocessing
import os
import pkgutil
import random
import re
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
from urllib.parse import urlsplit

import flask
import jinja2
from werkzeug.routing import BuildError

from ...core.errors import LateSettingsError, SubjectError
from ...instruments.threads import together, trace
from ...subject import Subject, guest
from ...subject.locate import Target
from ...transports import Request
from ...transports.wsgi import WSGIServer
from ..appfactories import Effects, rules, stands_in, wanted
from .binding import Findings, Look

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from flask.sansio.scaffold import Scaffold

#: Submodules that are no part of an app, by the last part of their names.
NEVER = ("__main__", "alembic", "conftest", "migrations", "setup", "test", "tests")

#: What is a static file rather than what one is made of.
STATIC = (".css", ".js", ".ico", ".png", ".svg", ".jpg", ".txt", ".html")

#: What Flask says of a route that comes when its app, or its blueprint, is complete.
TOO_LATE = "can no longer be called on"

#: Orders in which submodules are imported, and the seconds after which no further one is tried.
ORDERS = 12
ORDERING = 20

#: Parts of the names of modules that an installation may have and another one lacks.
OPTIONAL = ("local", "secret", "private", "instance")

#: Threads that import at one moment.
THREADS = 6

#: Seconds for which a thread waits until the others are at the same line; where one holds
#: a lock, they never come.
SAME_LINE = 2

# Questions for a new interpreter.

Folders = Callable[[], Path]


def in_copy(function: Callable[..., object], *args: object) -> Any:
    """Return what a function gives in a copy of this process, which may then import anything.

    Raises `SubjectError` where it does.
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
    # Threads that the subject left running must not keep the process.
    os._exit(0)


def _begin() -> None:
    # `app.run()` starts nothing then, as under the `flask` command.
    os.environ["FLASK_RUN_FROM_CLI"] = "true"
    # What is imported must not depend on the working directory; the path has it already.
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
    """Import the package in copies of this process, and say what was seen."""
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
    """Return the folders of a package, none where there is none; None for a plain module."""
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
    """Return what an app serves that was started in other working directories, or the error."""
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
    """Return what came of importing submodules in some orders, up to the first that fails."""
    tempfile.tempdir = str(folder())
    subject = dataclasses.replace(subject, setup=setup)
    begun = time.monotonic()
    found: list[dict[str, Any]] = []
    for order in orders(modules, seed):
        if found and time.monotonic() - begun > ORDERING:
            break
        came = in_copy(_import_in_order, subject, order)
        if "error" in came and came["module"] in order[1:]:
            # Perhaps it does without the others.
            alone = in_copy(_import_in_order, subject, [came["module"]])
            came = alone if alone.get("module") == came["module"] else came
        found.append({"order": order, **came})
        if "error" in came:
            break
    return found


def at_once(subject: Subject, folder: Folders, setup: str | None) -> dict[str, Any]:
    """Return what several threads get that import at one moment, or the error."""
    tempfile.tempdir = str(folder())
    subject = dataclasses.replace(subject, setup=setup)
    tops = _folders(str(subject.app).partition(":")[0].partition(".")[0]) or []
    try:
        found: dict[str, Any] = in_copy(_at_once, subject, tops)
    except SubjectError as error:
        return {"error": str(error)}
    return found


class Imports:
    """Watches, while it is entered, what a package's own modules import."""

    def __init__(self, top: str, is_own: Callable[[str], bool]) -> None:
        #: Imports of own modules, or of names in them, that failed, each with its place.
        self.failed: dict[str, str] = {}
        #: Libraries, each with the place of the first import that needs it.
        self.libraries: dict[str, str] = {}
        self._top = top
        self._is_own = is_own
        self._original = builtins.__import__

    def __enter__(self) -> Imports:
        builtins.__import__ = self._import
        return self

    def __exit__(self, *error: object) -> None:
        builtins.__import__ = self._original

    def _import(self, name: str, *args: Any, **kwargs: Any) -> types.ModuleType:
        given = dict(zip(("globals", "locals", "fromlist", "level"), args, strict=False), **kwargs)
        file = str((given.get("globals") or {}).get("__file__") or "")
        if not file or not self._is_own(file):
            return self._original(name, *args, **kwargs)
        line = sys._getframe(1).f_lineno
        try:
            module = self._original(name, *args, **kwargs)
        except ImportError as error:
            self._note(str(error.name or ""), str(error), file, line)
            raise
        within = getattr(module, "__dict__", {})
        for each in given.get("fromlist") or ():
            # A module that is being imported is found before its package has it.
            there = each in within or f"{module.__name__}.{each}" in sys.modules
            if each != "*" and not there and "__getattr__" not in within:
                text = f"cannot import name {each!r} from {module.__name__!r}"
                self._note(f"{module.__name__}.{each}", text, file, line)
        library = name.partition(".")[0]
        known = {self._top, *sys.stdlib_module_names, *self.libraries}
        if not given.get("level") and library not in known and not is_optional(file, line):
            self.libraries[library] = _place(file, line)
        return module

    def _note(self, name: str, text: str, file: str, line: int) -> None:
        if not f"{name}.".startswith(f"{self._top}."):
            return
        last = name.rpartition(".")[2]
        if last.startswith("_") or any(part in last for part in OPTIONAL):
            return
        # Where another import stands in for it, it may well be missing.
        around = handlers(file, line)
        stands_in = (
            node
            for handler in around
            for part in handler.body
            for node in ast.walk(part)
            if isinstance(node, ast.Import | ast.ImportFrom)
        )
        if next(stands_in, None) is None:
            self.failed.setdefault(text.partition(" (/")[0], _place(file, line))


@functools.cache
def _parsed(file: str) -> ast.Module:
    return ast.parse(Path(file).read_bytes())


def _around(file: str, line: int) -> list[ast.AST]:
    """Return the statements of a Python file that a line is inside of; none of one without."""
    try:
        tree = _parsed(file)
    except (OSError, SyntaxError, ValueError):
        return []
    return [
        node
        for node in ast.walk(tree)
        if (isinstance(node, ast.Try | ast.If | ast.With) and _holds(node.body, line))
        or (isinstance(node, ast.If) and _holds(node.orelse, line))
    ]


def _holds(body: Sequence[ast.stmt], line: int) -> bool:
    return bool(body) and body[0].lineno <= line <= (body[-1].end_lineno or 0)


def handlers(file: str, line: int) -> list[ast.ExceptHandler]:
    """Return the handlers of a failed import in a line of a Python file."""
    around = [node for node in _around(file, line) if isinstance(node, ast.Try)]
    return [each for node in around for each in node.handlers if _takes_import_errors(each)]


def is_optional(file: str, line: int) -> bool:
    """Check whether an import may fail, or is made under a condition."""
    return bool(handlers(file, line)) or any(
        isinstance(node, ast.If)
        or (isinstance(node, ast.With) and "suppress" in ast.unparse(node.items[0]))
        for node in _around(file, line)
    )


def _takes_import_errors(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    names = {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)}
    return bool(names & {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


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
            made.append((weakref.ref(app), _place(frames[-1].filename, frames[-1].lineno)))
        begin(app, *args, **kwargs)

    def refuse(event: str, args: tuple[object, ...]) -> None:
        # A server that an import starts would never let it end.
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
        found["error"] = f"{subject.name} gives a {type(app).__name__}, which is no Flask app"
        return found
    found["hidden_errors"] = [f"{text} ({place})" for text, place in imports.failed.items()]
    found["libraries"] = imports.libraries
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


def own_rules(app: flask.Flask) -> set[str]:
    """Return the rules of an app, without that of its static files."""
    return {rule for rule in rules(app) if not rule.endswith(" static")}


def holds(app: flask.Flask, other: flask.Flask) -> bool:
    """Check whether an app can hand requests on to another one: what it is made of leads there."""
    seen, waiting = {id(app)}, [*vars(app).values()]
    while waiting:
        each = waiting.pop()
        if each is other:
            return True
        if id(each) in seen or isinstance(each, type | types.ModuleType | str | bytes):
            continue
        seen.add(id(each))
        if isinstance(each, types.FunctionType):
            # Not the globals of its module, where everything is.
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
                # What needs a library that is not here, or a setting, is no part of this app.
                told = [str(error)]
            else:
                told = []
                modules.append(name)
        # Flask 2.2 only warns where later ones raise.
        told += [str(warning.message) for warning in warned]
        late += [f"{name}: {text.partition('.')[0]}" for text in told if TOO_LATE in text]
    found = rules(app)
    if is_factory:
        # That a factory can be called again is no matter of its package.
        with contextlib.suppress(SubjectError):
            found = rules(subject.build(_folder))
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
        "twins": [
            f"{_place(file)} is {' and '.join(sorted(names.values()))}"
            for file, names in files.items()
            if len(names) > 1
        ],
    }


def _place(file: str, line: int | None = None) -> str:
    place = "/".join(Path(file).parts[-2:])
    return place if line is None else f"{place}:{line}"


def _described(view: object) -> str:
    return f"{getattr(view, '__module__', '?')}.{getattr(view, '__qualname__', view)}"


def submodules(paths: Sequence[str], name: str, skip: Sequence[str]) -> Iterator[str]:
    """Yield the names of a package's submodules that belong to its app, importing none."""
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
    """Yield orders of modules: each comes first in one, as far as `ORDERS` allows."""
    drawn = random.Random(seed)
    for first in drawn.sample(list(modules), min(ORDERS, len(modules))):
        rest = [name for name in modules if name != first]
        yield [first, *drawn.sample(rest, len(rest))]


def pages_of(app: flask.Flask) -> list[str]:
    """Return the paths of an app that a GET without arguments can be sent to."""
    return [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and "<" not in rule.rule
        if not rule.subdomain and not rule.host
    ]


def hidden(app: flask.Flask) -> Iterator[str]:
    """Say which views no URL leads to, as another one has the same."""
    first: dict[tuple[object, ...], tuple[str, object]] = {}
    for rule in app.url_map.iter_rules():
        view = app.view_functions.get(rule.endpoint)
        # A rule without a view only builds URLs.
        if view is None or rule.build_only or rule.alias or rule.redirect_to is not None:
            continue
        # Static files that are hidden are a clause of their own.
        if rule.endpoint.rpartition(".")[2] == "static":
            continue
        # Arguments match the same whatever they are called.
        shape = re.sub(r"<(?:([^>]*?):)?\w+>", lambda m: f"<{m[1] or 'default'}>", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            key = rule.host, rule.subdomain, shape, method, rule.websocket
            endpoint, other = first.setdefault(key, (rule.endpoint, view))
            if other is not view:
                yield f"{method} {rule.rule} is {endpoint}, and hides {rule.endpoint}"


def _files(folder: str | os.PathLike[str] | None) -> list[str]:
    if folder is None or not Path(folder).is_dir():
        return []
    return sorted(
        file.relative_to(folder).as_posix()
        for file in Path(folder).rglob("*")
        if file.is_file() and not file.name.startswith(".") and file.suffix != ".pyc"
    )


def _template_folder(holder: Scaffold) -> str | None:
    folder = holder.template_folder
    return None if folder is None else os.path.join(str(holder.root_path), folder)


def static_files(app: flask.Flask) -> dict[str, Path]:
    """Return one file of each static folder, by its URL."""
    found = {}
    with app.test_request_context():
        for endpoint, holder in [
            ("static", app),
            *((f"{name}.static", blueprint) for name, blueprint in app.blueprints.items()),
        ]:
            files = _files(holder.static_folder) if endpoint in app.view_functions else []
            files.sort(key=lambda name: not name.endswith(STATIC))
            if files and holder.static_folder is not None:
                url = urlsplit(flask.url_for(endpoint, filename=files[0])).path
                found[url] = Path(holder.static_folder, files[0])
    return found


def lost_assets(app: flask.Flask, name: str, blueprint: Scaffold) -> Iterator[str]:
    """Say which templates and static files of a blueprint cannot be reached."""
    folder = _template_folder(blueprint)
    if folder is not None and not Path(folder).is_dir():
        yield f"the blueprint {name} has no folder {blueprint.template_folder}"
    for template in _files(folder):
        loader = app.jinja_env.loader
        if loader is None:
            break
        try:
            # Some loaders ask the request for its theme.
            with app.test_request_context():
                _, file, _ = loader.get_source(app.jinja_env, template)
        except jinja2.TemplateNotFound:
            yield f"{template} of the blueprint {name} is not found"
            continue
        except (UnicodeDecodeError, OSError):
            continue
        # The app's own templates may override a blueprint's.
        right = (folder, _template_folder(app))
        if file and not any(
            at and os.path.realpath(file) == os.path.realpath(os.path.join(at, template))
            for at in right
        ):
            other = "/".join(Path(file).parts[-3:])
            yield f"{template} of the blueprint {name} is hidden by {other}"
    static = blueprint.static_folder
    if static is not None and not Path(static).is_dir():
        yield f"the blueprint {name} has no folder {Path(static).name}"
    for file in _files(static)[:1]:
        with app.test_request_context():
            url = urlsplit(flask.url_for(f"{name}.static", filename=file)).path
        served = _served(app, url)
        if static is not None and served != _hash(Path(static, file).read_bytes()):
            # Another status than 404 may come of a hook that lets nobody in.
            if len(served) < 10 and served != "404":
                continue
            came = served if served == "404" else "another file"
            yield f"GET {url}, which is the blueprint {name}'s, gives {came}"


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _served(app: flask.Flask, url: str) -> str:
    answer = WSGIServer(app).send(Request.build("GET", url))
    return _hash(answer.body) if answer.status == 200 else str(answer.status)


def look(app: flask.Flask, paths: Sequence[str], urls: Sequence[str]) -> Look:
    """Ask an app for pages and static files, and say what it has on disk."""
    raised: list[str] = []
    handle = flask.Flask.handle_user_exception

    def see(self: flask.Flask, error: Exception) -> object:
        if isinstance(error, jinja2.TemplateNotFound | BuildError):
            text = str(error).strip().partition("\n")[0]
            raised.append(f"{type(error).__name__}: {text}")
        elif isinstance(error, FileNotFoundError):
            # Without its path, which is another one elsewhere.
            raised.append("FileNotFoundError")
        return handle(self, error)

    server = WSGIServer(app)
    pages = {}
    with mock.patch.object(flask.Flask, "handle_user_exception", see):
        for path in paths:
            raised.clear()
            try:
                # A view that streams may never end.
                with contextlib.closing(server.stream(Request.build("GET", path))) as stream:
                    answer = str(stream.status)
            except Exception as error:
                answer = type(error).__name__
            pages[path] = raised[0] if raised else answer
    folders = {_template_folder(holder) for holder in (app, *app.blueprints.values())}
    module = sys.modules.get(app.import_name)
    return {
        "file": os.path.realpath(getattr(module, "__file__", None) or ""),
        "pages": pages,
        "templates": sorted({name for folder in folders for name in _files(folder)}),
        "statics": {url: _hash(path.read_bytes()) for url, path in static_files(app).items()},
        "served": {url: _served(app, url) for url in urls},
    }


def look_from(
    subject: Subject, folder: Folders, path: str, paths: Sequence[str], urls: Sequence[str]
) -> Look:
    """Import the package from a folder on the path, and ask its app."""
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
    with contextlib.ExitStack() as stack:
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
        "on": [name for name in ("debug", "testing") if getattr(app, name, False)],
        "secret": next((_place(str(file)) for file in sources if stands_in(file, key)), None),
        "endpoints": sorted({rule.endpoint for rule in app.url_map.iter_rules()}),
    }


def _import_in_order(subject: Subject, order: Sequence[str]) -> dict[str, object]:
    for number, name in enumerate(order):
        try:
            importlib.import_module(name)
        except (ImportError, AttributeError) as error:
            # Others, as of code that wants an app context, are no matter of the order.
            if isinstance(error, ImportError) or "partially initialized" in str(error):
                text = f"{type(error).__name__}: {str(error).partition(' (/')[0]}"
                return {"module": name, "after": order[:number], "error": text}
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
        # In these threads alone: one that the subject starts keeps no step with them.
        trace(_in_step(tops, meet))
        try:
            return subject.target()
        finally:
            # The others need not wait for one that has done.
            meet.abort()

    found = [*together(*[target] * THREADS), subject.target()]
    app = subject.build(_folder) if found[0].factory else found[-1].found
    return {"given": len({id(each.found) for each in found}), "rules": rules(app)}


def _in_step(
    tops: Sequence[str], meet: threading.Barrier
) -> Callable[[FrameType, str, object], object]:
    """Return a trace function by which threads go through a package's functions line by line.

    At each line they `meet`: what one has looked for and not found, none has. So a race
    that shows now and then, on a busy machine, is there each time.
    """

    @functools.cache
    def is_own(file: str) -> bool:
        return os.path.realpath(file).startswith(tuple(top + os.sep for top in tops))

    def is_imported(frame: FrameType | None) -> bool:
        # One thread runs a module, and what that calls, while the others wait for it.
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
    """Build a project as an installer does (PEP 517 and 660); say what it wants, and the error."""
    os.chdir(source)
    sys.path[:0] = [os.path.join(source, path) for path in backend_path]
    wants: list[str] = []
    for kind in kinds:
        try:
            name, _, attribute = backend.partition(":")
            hooks: Any = importlib.import_module(name)
            for part in filter(None, attribute.split(".")):
                hooks = getattr(hooks, part)
            # Where a backend can make no editable one, an installer does without, too.
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
