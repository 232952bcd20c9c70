"""What a new interpreter is asked about a package."""

from __future__ import annotations

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
import traceback
import warnings
import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import flask
import jinja2
from werkzeug.routing import BuildError

from ...core.errors import SubjectError
from ...instruments.threads import together, trace
from ...subject import Subject, guest
from ...subject.locate import Target
from ...transports import Request
from ...transports.wsgi import WSGIServer
from ..appfactories import Effects, rules, stands_in, wanted
from .binding import Findings, Look

#: Submodules that are no part of an app, by the last part of their names.
NEVER = ("__main__", "alembic", "conftest", "migrations", "setup", "test", "tests")

#: What is a static file rather than what one is made of.
STATIC = (".css", ".js", ".ico", ".png", ".svg", ".jpg", ".txt", ".html")

#: What Flask says of a route that comes when its app, or its blueprint, is complete.
TOO_LATE = "can no longer be called on"

#: Orders in which submodules are imported.
ORDERS = 12

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
        answer, error = here.recv()
    except EOFError:
        raise SubjectError("the process ended") from None
    finally:
        process.join()
    if error is not None:
        raise SubjectError(error)
    return answer


def _answer(pipe: Any, function: Callable[..., object], args: Sequence[object]) -> None:
    _begin()
    try:
        pipe.send((function(*args), None))
    except SubjectError as error:
        pipe.send((None, str(error)))
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
    seed: int,
) -> Findings:
    """Import the package again and again in copies of this process, and say what was seen."""
    tempfile.tempdir = str(folder())
    name = str(subject.app).partition(":")[0]
    spec = importlib.util.find_spec(name.partition(".")[0])
    if spec is not None and spec.submodule_search_locations is None:
        return {"module": name}
    tops = [os.path.realpath(top) for top in (spec and spec.submodule_search_locations) or []]
    subject = dataclasses.replace(subject, setup=setup)
    found: Findings = in_copy(_survey_import, subject, tops, paths, skip)
    if "error" in found:
        return found
    found["bare"] = None
    with contextlib.suppress(SubjectError):
        found["bare"] = in_copy(_bare, subject, tops)
    found["elsewhere"] = {}
    places = {"/": "/", "an empty directory": str(folder()), "the package": found["folder"]}
    for what, place in places.items():
        given = list(found["home"]["pages"]), list(found["home"]["statics"])
        try:
            found["elsewhere"][what] = in_copy(_look_at, subject, place, *given)
        except SubjectError as error:
            found["elsewhere"][what] = str(error)
    found["orders"] = []
    for order in orders(found["modules"], seed):
        came = in_copy(_import_in_order, subject, order)
        if "error" in came:
            # Perhaps it does without the others.
            alone = in_copy(_import_in_order, subject, [came["module"]])
            came = alone if alone.get("module") == came["module"] else came
        found["orders"].append({"order": order, **came})
    try:
        found["threads"] = in_copy(_at_once, subject, tops)
    except SubjectError as error:
        found["threads"] = {"error": str(error)}
    return found


def _survey_import(
    subject: Subject,
    tops: Sequence[str],
    paths: Sequence[str] | None,
    skip: Sequence[str],
) -> Findings:
    found: Findings = {}

    def is_own(file: str) -> bool:
        return os.path.realpath(file).startswith(tuple(top + os.sep for top in tops))

    effects = Effects(writes=True, is_own=is_own)
    made: list[tuple[weakref.ref[flask.Flask], str]] = []
    begin = flask.Flask.__init__

    def init(app: flask.Flask, *args: Any, **kwargs: Any) -> None:
        frames = [f for f in traceback.extract_stack() if is_own(f.filename)]
        if frames:
            made.append((weakref.ref(app), _place(frames[-1].filename, frames[-1].lineno)))
        begin(app, *args, **kwargs)

    def refuse(event: str, args: tuple[Any, ...]) -> None:
        # A server that an import starts would never let it end.
        if event == "socket.bind" and any("socket" in what for what in effects.found):
            raise PermissionError("an import opens a socket")

    sys.addaudithook(refuse)

    def serve(app: flask.Flask, *args: Any, **kwargs: Any) -> None:
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
    ):
        try:
            is_factory = subject.target().factory
            found["effects"] = effects.stop()
            gc.collect()
            found["made"] = [place for app, place in made if app() is not None]
            app = subject.build(_folder)
        except SubjectError as error:
            found["error"] = str(error)
        found["effects"] = effects.stop()
        found["collisions"] = collisions
    if "error" in found:
        return found
    if not isinstance(app, flask.Flask):
        found["error"] = f"{subject.name} gives a {type(app).__name__}, which is no Flask app"
        return found
    _survey_app(found, subject, app)
    asked = list(paths) if paths is not None else pages_of(app)
    # Before any request: an app takes no new routes after one.
    _survey_modules(found, subject, app, is_factory, skip)
    _survey_assets(found, app, asked)
    return found


def _survey_app(found: Findings, subject: Subject, app: flask.Flask) -> None:
    module = sys.modules[str(subject.app).partition(":")[0]]
    package = module if hasattr(module, "__path__") else sys.modules[module.__package__ or ""]
    found["package"], found["folder"] = package.__name__, str(Path(next(iter(package.__path__))))
    found["import_name"] = app.import_name
    named = sys.modules.get(app.import_name)
    found["import_name_is_package"] = hasattr(named, "__path__")
    found["rules"] = rules(app)
    found["hidden"] = list(hidden(app))


def _survey_assets(found: Findings, app: flask.Flask, paths: Sequence[str]) -> None:
    found["own_assets"], found["lost_assets"] = 0, []
    for name, blueprint in app.blueprints.items():
        if f"{blueprint.import_name}.".startswith(f"{found['package'].partition('.')[0]}."):
            found["lost_assets"] += lost_assets(app, name, blueprint)
            found["own_assets"] += blueprint.template_folder is not None
            found["own_assets"] += blueprint.has_static_folder
    found["home"] = look(app, paths, list(static_files(app)))


def _survey_modules(
    found: Findings,
    subject: Subject,
    app: flask.Flask,
    is_factory: bool,
    skip: Sequence[str],
) -> None:
    package = sys.modules[found["package"]]
    found["modules"], found["late"] = [], []
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
                found["modules"].append(name)
        # Flask 2.2 only warns where later ones raise.
        told += [str(warning.message) for warning in warned]
        late = [f"{name}: {text.partition('.')[0]}" for text in told if TOO_LATE in text]
        found["late"] += late
    found["all_rules"] = rules(app)
    if is_factory:
        # That a factory can be called again is no matter of its package.
        with contextlib.suppress(SubjectError):
            found["all_rules"] = rules(subject.build(_folder))
    files: dict[str, dict[int, str]] = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and os.path.realpath(file).startswith(os.path.realpath(found["folder"]) + os.sep):
            files.setdefault(os.path.realpath(file), {})[id(module)] = name
    found["twins"] = [
        f"{_place(file)} is {' and '.join(sorted(names.values()))}"
        for file, names in files.items()
        if len(names) > 1
    ]


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
    firsts = drawn.sample(list(modules), len(modules))
    for number in range(ORDERS if modules else 0):
        first = firsts[number % len(firsts)]
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
    first: dict[tuple[Any, ...], tuple[str, Any]] = {}
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


def _template_folder(holder: Any) -> str | None:
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


def lost_assets(app: flask.Flask, name: str, blueprint: Any) -> Iterator[str]:
    """Say which templates and static files of a blueprint cannot be reached."""
    folder = _template_folder(blueprint)
    if folder is not None and not Path(folder).is_dir():
        yield f"the blueprint {name} has no folder {blueprint.template_folder}"
    for template in _files(folder):
        loader = app.jinja_env.loader
        if loader is None:
            break
        try:
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


def _in_step(tops: Sequence[str], meet: threading.Barrier) -> Callable[..., Any]:
    """Return a trace function by which threads go through a package's functions line by line.

    At each line they `meet`: what one has looked for and not found, none has. So a race
    that shows now and then, on a busy machine, is there each time.
    """

    @functools.cache
    def is_own(file: str) -> bool:
        return os.path.realpath(file).startswith(tuple(top + os.sep for top in tops))

    def is_imported(frame: Any) -> bool:
        # One thread runs a module, and what that calls, while the others wait for it.
        while frame is not None:
            if frame.f_code.co_name == "<module>" and is_own(frame.f_code.co_filename):
                return True
            frame = frame.f_back
        return False

    def at_line(frame: Any, event: str, argument: Any) -> Any:
        if event == "line":
            with contextlib.suppress(threading.BrokenBarrierError):
                meet.wait(SAME_LINE)
        return at_line

    def at_call(frame: Any, event: str, argument: Any) -> Any:
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
