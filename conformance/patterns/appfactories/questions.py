"""Questions about a factory that a new interpreter answers."""

from __future__ import annotations

import contextlib
import inspect
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, TypedDict
from unittest import mock

import flask

from ...core.errors import SubjectError, Untested
from ...core.own import KIT, is_own
from ...core.told import told
from ...subject import Subject
from .apps import pages_of, plain, rules

#: How many rules of an app are asked, the first ones, and for how many seconds at the most.
ASKED = 50

QUICK = 3.0

# Questions for a new interpreter.


def _own_place(is_own: Callable[[str], bool] = is_own) -> str | None:
    """Return the subject's line that is being executed; None inside a library's module body.

    What a library does on import is not the subject's fault.
    """
    place = None
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        own = is_own(file)
        if own and place is None:
            place = f"{'/'.join(Path(file).parts[-2:])}:{frame.f_lineno}"
        if frame.f_code.co_name == "<module>":
            return place if own or file.startswith(KIT) or "runpy" in file else None
        frame = frame.f_back
    return place


class Effects:
    """Records the side effects of a subject's code until `stop` is called.

    `is_own` tells which files are the subject's.
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
        """Stop recording and return what was found, in order."""
        self._on = False
        return self.found

    def note(self, what: str) -> None:
        """Record what the subject's code is doing, and where."""
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


class FirstApps(TypedDict, total=False):
    """What the first apps of a new interpreter show.

    If the first one cannot be created, there are only `imported` and the `error`.
    """

    #: What importing the subject does: creates apps, writes files, opens sockets, ...
    imported: list[str]
    #: What the first call of the factory leaves behind: contexts, sockets, processes, threads.
    left: list[str]
    #: The blueprints and rules of each app; if one cannot be created, the error ends the list.
    apps: list[Any]
    #: The plain settings of the first few apps, or why there are none.
    settings: list[dict[str, str]] | str
    #: The objects that `from_object` was given, by the settings that they have in the end.
    sources: dict[str, str]
    error: str


def first_apps(subject: Subject, folder: Callable[[], Path], count: int, alike: int) -> FirstApps:
    """Return what the first `count` apps of an interpreter show, with the settings of `alike`.

    All that is asked of first apps is asked of one interpreter: starting it takes longest.
    """
    found: FirstApps = {"imported": _effects_of_import(subject)}
    settings = _Settings()
    with settings.noted():
        try:
            found["left"], first = _effects_of_creation(subject, folder)
        except SubjectError as error:
            found["error"] = str(error)
            return found
        settings.take(first)
        found["apps"] = _instances(subject, folder, count, first, settings.take)
    found["settings"] = settings.of_first(alike)
    found["sources"] = settings.sources()
    return found


def first_answers(subject: Subject, folder: Callable[[], Path]) -> list[dict[str, tuple[int, str]]]:
    """Return how the first two apps of an interpreter answer a GET of rules without arguments.

    By path, the status and what was raised. What takes longer than `QUICK` is left out, and all
    after it.
    """
    apps = [subject.build(folder) for _ in range(2)]
    found = []
    for app in apps:
        answers: dict[str, tuple[int, str]] = {}
        if isinstance(app, flask.Flask):
            # A view may never end; then the process ends without it.
            asking = threading.Thread(target=_answers, args=(app, answers), daemon=True)
            asking.start()
            asking.join(QUICK)
        found.append(dict(answers))
    return found


def _answers(app: flask.Flask, found: dict[str, tuple[int, str]]) -> None:
    raised: list[str] = []

    def note(sender: object, exception: BaseException, **values: object) -> None:
        raised.append(told(exception))

    with flask.got_request_exception.connected_to(note, app):
        for path in pages_of(app)[:ASKED]:
            raised.clear()
            try:
                with app.test_client().get(path) as response:
                    found[path] = (response.status_code, "".join(raised))
            except Exception as error:
                found[path] = (500, told(error))


def _effects_of_import(subject: Subject) -> list[str]:
    effects = Effects(writes=True)
    begin = flask.Flask.__init__

    def init(app: flask.Flask, *args: Any, **kwargs: Any) -> None:
        effects.note("made a Flask app")
        begin(app, *args, **kwargs)

    with mock.patch.object(flask.Flask, "__init__", init):
        subject.target()
    return effects.stop()


def _effects_of_creation(subject: Subject, folder: Callable[[], Path]) -> tuple[list[str], object]:
    contexts: list[str] = []
    names = []
    effects = Effects(writes=False)

    def pushed(sender: object, **values: object) -> None:
        contexts.append(_own_place() or "in a library")

    def popped(sender: object, **values: object) -> None:
        contexts.pop()

    with flask.appcontext_pushed.connected_to(pushed):
        with flask.appcontext_popped.connected_to(popped):
            app = subject.build(folder)
            names = [f"left an app context pushed ({place})" for place in contexts]
    return names + effects.stop(), app


def instances(subject: Subject, folder: Callable[[], Path], count: int) -> list[Any]:
    """Return the blueprints and rules of each of the next instances.

    If one cannot be created, the error takes its place and ends the list.
    """
    try:
        first = subject.build(folder)
    except SubjectError as error:
        return [str(error)]
    return _instances(subject, folder, count, first, lambda app: None)


def _instances(
    subject: Subject,
    folder: Callable[[], Path],
    count: int,
    app: object,
    taken: Callable[[object], None],
) -> list[Any]:
    """Return what each instance has, from a first one on; `taken` is told the later ones."""
    found: list[Any] = []
    while isinstance(app, flask.Flask):
        found.append([sorted(app.blueprints), rules(app)])
        if len(found) == count:
            break
        try:
            app = subject.build(folder)
        except SubjectError as error:
            return [*found, str(error)]
        taken(app)
    return found


class _Settings:
    """The plain settings of apps, in the order in which they are created.

    Settings that an object computes on access and then keeps are left out: the first app
    lacks such a key and later ones have it, which is not a change.
    """

    def __init__(self) -> None:
        self._found: list[dict[str, str]] = []
        self._lazy: list[object] = []
        self._sources: dict[str, object] = {}
        self._none = ""

    @contextlib.contextmanager
    def noted(self) -> Iterator[None]:
        """Note which objects settings are taken from while the block runs."""
        from_object = flask.Config.from_object

        def noting(config: flask.Config, found: object) -> None:
            source = sys.modules.get(found) if isinstance(found, str) else found
            own = vars(source) if isinstance(source, ModuleType) else dir(type(source))
            if "__getattr__" in own:
                self._lazy.append(source)
            self._sources[getattr(source, "__name__", repr(source))] = source
            from_object(config, found)

        with mock.patch.object(flask.Config, "from_object", noting):
            yield

    def take(self, app: object) -> None:
        """Note the settings of an app."""
        if isinstance(app, flask.Flask):
            self._found.append({key: repr(each) for key, each in plain(app.config).items()})
        else:
            self._none = self._none or f"it returns a {type(app).__name__}"

    def sources(self) -> dict[str, str]:
        """Return the name of the object that has each setting, if one does."""
        return {
            key: name
            for name, source in self._sources.items()
            for key in dir(source)
            if key.isupper()
        }

    def of_first(self, count: int) -> list[dict[str, str]] | str:
        """Return the settings of the first apps, or why there are not so many."""
        found = self._found[:count]
        if len(found) < count:
            return self._none or "a later call fails"
        kept = {key for source in self._lazy for key in getattr(source, "__dict__", ())}
        late = kept - found[0].keys()
        return [{key: each[key] for key in each if key not in late} for each in found]


def settings_by_place(
    subject: Subject, folder: Callable[[], Path], places: Sequence[str]
) -> list[dict[str, str] | str]:
    """Return an app's settings when created in each directory, or the error.

    Settings that differ from one app to the next are given as "...".
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
    """Return whether the factory tries to open a file, and its error if the file is missing."""
    opened = []

    def hide(event: str, args: tuple[object, ...]) -> None:
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
) -> object:
    """Return a setting of the app that the `flask` command loads for `--app`."""
    from flask.cli import ScriptInfo

    try:
        value = ScriptInfo(app_import_path=app).load_app().config.get(key)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return value


def found_over_the_command_line(subject: Subject, folder: Callable[[], Path], app: str) -> str:
    """Say what the `flask` command takes for `--app`: an object of a module, or a factory's app."""
    from flask.cli import ScriptInfo

    found = ScriptInfo(app_import_path=app).load_app()
    names = [
        f"the object {name!r} in the module {module.__name__}, which importing it creates"
        for module in list(sys.modules.values())
        if is_own(getattr(module, "__file__", None) or "<none>")
        for name, value in list(vars(module).items())
        if value is found
    ]
    return names[0] if names else f"an app that a factory made, named {found.name!r}"


def wanted(factory: Callable[..., object]) -> list[str]:
    """Return the names of the parameters that a factory requires."""
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
