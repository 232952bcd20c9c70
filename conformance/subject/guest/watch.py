"""The audit hook: it sees what the subject does outside the run, and refuses it beforehand."""

from __future__ import annotations

import contextlib
import errno
import functools
import importlib.abc
import importlib.machinery
import importlib.util
import logging
import os
import socket
import sqlite3
import stat
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from ...core.errors import SubjectError
from ...core.own import KIT, PYTHON, is_installed
from . import settings
from .notes import VARIABLE, Lost, existed
from .rules import PORTS, Place, Rules, place_of, plain
from .settings import Lead

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

#: Folders of what can be regenerated: nothing in them would be lost.
_CACHES = frozenset(
    ("__pycache__", ".cache", "Caches", ".pytest_cache", ".hypothesis", ".mypy_cache")
)

#: SQLite's action codes for changes of a database, without those for temporary tables.
_CHANGES = frozenset((1, 2, 7, 8, 9, 10, 11, 16, 17, 18, 23, 26, 27, 28, 29, 30))
_PRAGMA = 19

#: Pragmas that change the file if they are given a value.
_CHANGING = frozenset(("journal_mode", "user_version", "application_id", "auto_vacuum"))


class Refused(BaseException):
    """The subject was about to change what existed before the run.

    Not an `Exception`, so that no handler of the subject turns it into a response.
    """


class Guest:
    """Watches over one process of a run. `on` is whether it is currently watching."""

    def __init__(self, rules: Rules, name: str = "the subject") -> None:
        self.rules = rules
        self.notes = rules.notes
        self.name = name
        self.factory: Any = None
        self.on = False
        #: Whether a refusal ends the run; not while an app has other settings than the run's.
        self.ends = True
        self.config: Mapping[Any, Any] | None = None
        #: The last refusal, whether or not it ends the run.
        self._refused = ""
        self._made: set[str] = set()
        self._told: set[tuple[str, str, str]] = set()
        self._bound: weakref.WeakSet[Any] = weakref.WeakSet()
        self._ports: set[int] = set()
        self._resolved: dict[str, str] = {}
        self._here = threading.local()
        self._handlers: dict[str, Callable[[tuple[Any, ...]], None]] = {
            "open": self._open,
            "os.remove": self._remove,
            "os.rmdir": self._remove,
            "os.mkdir": self._mkdir,
            "os.rename": self._rename,
            "os.truncate": self._truncate,
            "os.link": self._link,
            "os.symlink": self._link,
            "sqlite3.connect": self._database,
            "socket.bind": self._bind,
            "socket.connect": self._connect,
            "socket.sendto": self._connect,
            "socket.sendmsg": self._connect,
            "socket.getaddrinfo": self._resolve,
            "subprocess.Popen": self._start,
        }

    def install(self) -> None:
        """Start watching; a hook cannot be removed, but `on` can be changed."""
        handlers = self._handlers

        def hear(event: str, args: tuple[object, ...]) -> None:
            # Nearly all of some ten thousand events per second are irrelevant.
            if event in handlers and self.on:
                handlers[event](args)

        sys.addaudithook(hear)
        _after_imports(self)
        _divert_logs(self)
        _guard_databases(self)
        self.on = True

    # What existed.

    def is_foreign(self, path: str) -> bool:
        """Check whether a file or folder existed before the run and is not named."""
        if self.rules.is_inside(path) or path in self._made:
            return False
        try:
            info = os.lstat(path)
        except OSError:
            return False
        if stat.S_ISLNK(info.st_mode):
            return self.is_foreign(os.path.realpath(path))
        if not (stat.S_ISREG(info.st_mode) or stat.S_ISDIR(info.st_mode)):
            return False
        if _is_cache(path) or self.rules.may_write(path):
            return False
        return existed(path, info, self.notes.started) and not self.notes.was_made(path)

    def _changes(self, path: str | None) -> None:
        if path is not None and self.is_foreign(path):
            what = "database" if settings.is_sqlite(path) else "file"
            self.refuse(self._lead(what, path))

    def _makes(self, path: str | None) -> None:
        if path is None or path in self._made or self.rules.is_inside(path):
            return
        if path.startswith(("/dev/", "/proc/", "/sys/")) or _is_cache(path):
            return
        if not os.path.lexists(path) and not self.rules.may_write(path):
            self._made.add(path)
            self.notes.made(path)

    def _open(self, args: tuple[Any, ...]) -> None:
        path, _, flags = args
        found = self._outside(path) if flags & _WRITES else None
        # A folder is opened for a file without a name, which does not change it.
        if found is not None and not os.path.isdir(found):
            self._changes(found)
            if flags & os.O_CREAT:
                self._makes(found)

    def _remove(self, args: tuple[Any, ...]) -> None:
        self._changes(self._outside(*args))

    def _truncate(self, args: tuple[object, ...]) -> None:
        self._changes(self._outside(args[0]))

    def _mkdir(self, args: tuple[Any, ...]) -> None:
        self._makes(self._outside(args[0], args[2]))

    def _rename(self, args: tuple[Any, ...]) -> None:
        source, target = self._outside(args[0], args[2]), self._outside(args[1], args[3])
        self._changes(source)
        self._changes(target)
        self._makes(target)

    def _link(self, args: tuple[Any, ...]) -> None:
        self._makes(self._outside(args[1], args[-1]))

    def _outside(self, path: object, folder: int = -1) -> str | None:
        """Return the absolute path that an event names; None if it is in the run's folder.

        Also None for a descriptor, and if it is unknown.
        """
        if isinstance(path, str) and self.rules.is_inside(path) and ".." not in path:
            return None
        found = _absolute(path, folder)
        return None if found is None or self.rules.is_inside(found) else found

    def _database(self, args: tuple[Any, ...]) -> None:
        text = os.fsdecode(args[0])
        if self.rules.is_inside(text):
            return
        if text.startswith("file:"):
            text = f"sqlite:///{text}"
        path = settings.path_of(text)
        if path is None or self.rules.is_inside(path):
            return
        if self.is_foreign(path):
            if not hasattr(self._here, "foreign"):
                # Not through `sqlite3.connect`: what it writes would be unknown.
                self.refuse(self._lead("database", path))
            self._here.foreign = path
        elif not os.path.lexists(path):
            for end in ("", "-journal", "-wal", "-shm"):
                self._makes(path + end)
            self.touch("database", path, "made by the run")

    def connect_to_database(self, usual: Callable[..., Any], args: Any, values: Any) -> Any:
        """Open an SQLite database, read-only if it existed before the run."""
        self._here.foreign = None
        try:
            connection = usual(*args, **values)
            path = self._here.foreign
        finally:
            del self._here.foreign
        if path is not None:
            sqlite3.Connection.set_authorizer(connection, self._reading(path))
        return connection

    def _reading(self, path: str) -> Callable[..., int]:
        def allowed(
            action: int, one: object, two: object, database: object, trigger: object
        ) -> int:
            changes = action in _CHANGES or (action == _PRAGMA and two and one in _CHANGING)
            if not changes or database == "temp" or not self.on:
                return sqlite3.SQLITE_OK
            # An exception raised here does not leave SQLite: the note ends the run.
            with contextlib.suppress(Refused):
                self.refuse(self._lead("database", path))
            return sqlite3.SQLITE_DENY

        return allowed

    # Whom it connects to.

    def _bind(self, args: tuple[object, ...]) -> None:
        with contextlib.suppress(TypeError):
            self._bound.add(args[0])
        if isinstance(args[1], str | bytes):
            self._makes(_absolute(args[1]))

    def _connect(self, args: tuple[object, ...]) -> None:
        address = args[1]
        if isinstance(address, str | bytes):
            self._connect_local(os.fsdecode(address))
        elif isinstance(address, tuple) and len(address) >= 2 and isinstance(address[0], str):
            self._reach(self._resolved.get(address[0], address[0]), address[1])

    def _connect_local(self, path: str) -> None:
        if not path or path.startswith("\0"):
            # A socket without a file, usually between parts of one program.
            return
        path = os.path.abspath(path)
        named = self.rules.may_write(path)
        if not named and self.is_foreign_socket(path):
            self._lose("socket", path, f'disposable = ["{path}"]')

    def is_foreign_socket(self, path: str) -> bool:
        """Check whether a Unix socket existed before the run."""
        if self.rules.is_inside(path) or path in self._made:
            return False
        try:
            return existed(path, os.lstat(path), self.notes.started)
        except OSError:
            return False

    def _reach(self, host: str, port: Any) -> None:
        if self.rules.may_reach(host, port):
            self.touch("connection", str(Place(plain(host), port)), "named")
        elif plain(host) != "localhost":
            self._lose("connection", str(Place(host, port)), f'allow = ["{Place(host, port)}"]')
        elif not self._is_own_port(port):
            self._lose("server", f"localhost:{port}", f'disposable = ["localhost:{port}"]', port)

    def _resolve(self, args: tuple[Any, ...]) -> None:
        host, port = args[0], args[1]
        if getattr(self._here, "resolving", False) or host is None:
            return
        host = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
        if plain(host) == "localhost" or host == socket.gethostname() or _is_address(host):
            return
        number = int(port) if str(port).isdigit() else None
        if not self.rules.may_reach(host, number):
            self._lose("connection", str(Place(host, number)), f'allow = ["{Place(host, number)}"]')
        self._here.resolving = True
        try:
            with contextlib.suppress(OSError):
                for found in socket.getaddrinfo(host, None):
                    self._resolved[str(found[4][0])] = host
        finally:
            self._here.resolving = False

    def _is_own_port(self, port: int) -> bool:
        if port in self._ports:
            return True
        for bound in list(self._bound):
            with contextlib.suppress(OSError, ValueError, IndexError, TypeError):
                if bound.getsockname()[1] == port:
                    return True
        own = _listens_below(self.rules.root, port)
        if own is None:
            # The system does not report the owner of a port: those of common servers are not the
            # run's.
            own = port not in PORTS.values()
        if own:
            self._ports.add(port)
        return own

    def _lose(self, kind: str, name: str, line: str, port: int | None = None) -> None:
        if kind == "connection":
            sentence = f"{name} is on another machine, and only named servers may be reached"
        else:
            sentence = f"{name} existed before the run, and only named servers may be reached"
        if port is not None and self.config is not None:
            flat = list(settings.flattened(self.config))
            if key := settings.key_of_server(flat, "localhost", port):
                sentence += f" ({key} leads there)"
                lead = next(
                    (each for each in settings.of_settings(flat) if each.setting == key), None
                )
                own = lead and settings.remedy(lead, self.config)
                line = f"{own}, or, to allow writing to it, {line}" if own else line
        self.touch(kind, name, "refused")
        sentence = f"{sentence}: {line}"
        self.notes.lost(Lost(time.monotonic(), sentence, *_circumstances(), name=name))
        raise ConnectionRefusedError(errno.ECONNREFUSED, f"conformance: {sentence}")

    def _start(self, args: tuple[object, ...]) -> None:
        program = args[0] or (args[1][0] if isinstance(args[1], list | tuple) else args[1])
        if _is_the_kits():
            return
        self.touch("program", str(program), "started")

    # What is reported.

    def touch(self, kind: str, name: str, state: str, setting: str = "") -> None:
        """Record once that something outside of the run was touched."""
        key = (kind, name, state)
        if key not in self._told:
            self._told.add(key)
            self.notes.touched(kind, settings.shown_path(name), state, setting)

    def refuse(self, lead: Lead) -> None:
        """Record a refused action of the subject and raise `Refused`."""
        sentence = self._refused = self.sentence(lead)
        if self.ends:
            self.touch(lead.kind, lead.name, "refused", lead.setting)
            self.notes.refused(sentence)
        raise Refused(sentence)

    def sentence(self, lead: Lead) -> str:
        """Return what exists, what leads there, and how to give the app its own."""
        name = settings.shown_path(lead.path) if lead.path else lead.name
        by = (
            f"{lead.setting} points {self.name} to it"
            if lead.setting
            else f"{self.name} writes to it"
        )
        there = "exists" if lead.path else "exists outside the run"
        if lead.kind == "folder":
            there = "exists, with files in it"
        disposable = f"disposable = [{settings.quoted(name)}]"
        own = settings.remedy(lead, self.config)
        if own and self.factory is not None and not settings.takes_settings(self.factory):
            maker = getattr(self.factory, "__name__", "the factory")
            own += f" (with {maker}(config=None), which takes no settings yet)"
        if not own:
            own = "make it a setting of the app, and set that to a path under {tmp} in config"
        return (
            f"the {_WORDS.get(lead.kind, lead.kind)} {name} {there}, and {by}: "
            f"give the app its own, {own}, or allow writing to it, {disposable}"
        )

    def _lead(self, kind: str, path: str) -> Lead:
        if self.config is None:
            app = _app_of_frames()
            self.config = getattr(app, "config", None)
        flat = list(settings.flattened(self.config)) if self.config is not None else []
        return Lead(kind, path, settings.key_of_path(flat, path), path)

    def look(self, app: object, bound: Sequence[str], factory: object = None) -> None:
        """Check where a built app would write; raises `SubjectError` if that existed before.

        `bound` are the patterns that are bound, `factory` is what created the app.
        """
        self.factory = factory
        self.settle()
        self.config = getattr(app, "config", None)
        for lead in settings.leads(app, bound):
            if self.is_others(lead):
                self.touch(lead.kind, lead.name, "refused", lead.setting)
                raise SubjectError(self.sentence(lead))
            inside = bool(lead.path) and self.rules.is_inside(lead.path)
            named = bool(lead.place) or self.rules.may_write(lead.path)
            state = "of the run" if inside else "named" if named else "not there yet"
            if lead.path and self.notes.was_made(lead.path):
                state = "made by the run"
            self.touch(lead.kind, lead.path or lead.name, state, lead.setting)

    def is_others(self, lead: Lead) -> bool:
        """Check whether a setting leads to what existed before the run and is not named."""
        if lead.kind == "folder":
            return self.is_foreign(lead.path) and any(
                not entry.name.startswith(".") for entry in os.scandir(lead.path)
            )
        if lead.path:
            return self.is_foreign(lead.path)
        assert lead.place is not None
        return not self.rules.may_use(lead.place)

    def settle(self) -> None:
        """Raise `SubjectError` if any process of the run was refused a change."""
        if (sentence := self.notes.refusal()) is not None:
            raise SubjectError(sentence)

    def lost_since(self, moment: float) -> list[Lost]:
        """Return the connections refused since a moment, in any process of the run."""
        return [each for each in self.notes.all_lost() if each.moment >= moment]

    @contextlib.contextmanager
    def strange_settings(self) -> Iterator[None]:
        """Let the block create an app without the settings of the run.

        Raises `SubjectError` if it would write to what existed before, which does not end the run.
        """
        self.ends = False
        try:
            yield
        except Refused as error:
            raise SubjectError(str(error)) from None
        finally:
            self.ends = True

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Watch while the block runs, and create temporary files in the folder of the run."""
        before, self.on = self.on, True
        self._refused = ""
        temporary, tempfile.tempdir = tempfile.tempdir, self.notes.folder
        try:
            yield
        except Refused as error:
            raise SubjectError(str(error)) from None
        except SubjectError:
            # The consequence of a refusal says less than the refusal itself.
            self.settle()
            if self._refused:
                raise SubjectError(self._refused) from None
            raise
        finally:
            self.on, tempfile.tempdir = before, temporary


_WORDS = {"mongodb": "database"}


def _is_cache(path: str) -> bool:
    *folders, name = path.split(os.sep)
    return (
        not _CACHES.isdisjoint(folders)
        or name in _CACHES
        or name.startswith(".coverage")
        or name.endswith((".lock", ".pyc"))
        or path.startswith(os.environ.get("XDG_CACHE_HOME") or "\0")
    )


def _absolute(path: Any, folder: int = -1) -> str | None:
    """Return the absolute path that an event names; None if that is unknown."""
    try:
        text = os.fsdecode(path)
    except TypeError:
        # A descriptor: what it refers to was seen when it was opened.
        return None
    if folder != -1 and not os.path.isabs(text):
        try:
            text = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), text)
        except OSError:
            return None
    if "\0" in text:
        return None
    head, tail = os.path.split(os.path.abspath(text))
    # Resolves the folder's links, but not the last part: that may be the link to be removed.
    return os.path.join(os.path.realpath(head), tail)


def _is_address(host: str) -> bool:
    with contextlib.suppress(OSError):
        socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host.partition("%")[0])
        return True
    return False


def _is_the_kits() -> bool:
    """Check whether the event comes from the kit itself rather than the subject."""
    frame = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if name != __file__ and not name.startswith((*PYTHON, "<frozen")):
            return name.startswith(KIT)
        if is_installed(name):
            return False
        frame = frame.f_back  # type: ignore[assignment]
    return True


def _circumstances() -> tuple[bool, bool]:
    """Check whether something waits for the event, and whether it is about a mail."""
    asked = mail = False
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        kits = frame.f_code.co_filename.startswith(KIT) and not name.startswith(__package__)
        asked = asked or kits or name.partition(".")[0] in _SERVERS
        mail = mail or name == "smtplib"
        frame = frame.f_back
    return asked, mail


#: Servers that handle a request in their own threads or processes.
_SERVERS = ("waitress", "gunicorn")


def _app_of_frames() -> Any:
    """Return the app that is being created, from the frames that create it, or None."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        if not frame.f_code.co_filename.startswith(KIT):
            for value in list(frame.f_locals.values()):
                if hasattr(type(value), "wsgi_app") and isinstance(
                    vars(value).get("config"), Mapping
                ):
                    return value
        frame = frame.f_back
    return None


def _listens_below(root: int, port: int) -> bool | None:
    """Check whether a process below `root` listens on a port; None if that is unknown."""
    sockets = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6", "/proc/net/udp", "/proc/net/udp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            _, local, _, state, *rest = line.split()
            if int(local.rpartition(":")[2], 16) == port and state in ("0A", "07"):
                sockets.add(f"socket:[{rest[5]}]")
    if not os.path.exists("/proc/net/tcp"):
        return None
    if not sockets:
        # Nothing listens there, so the system itself refuses.
        return True
    for pid in _descendants(root):
        with contextlib.suppress(OSError):
            for entry in os.scandir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    if os.readlink(entry.path) in sockets:
                        return True
    return False


def _descendants(root: int) -> Iterator[int]:
    parents: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                line = Path(entry.path, "stat").read_text()
                parent = int(line.rpartition(")")[2].split()[1])
                parents.setdefault(parent, []).append(int(entry.name))
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        yield pid
        waiting += parents.get(pid, [])


def _guard_databases(guest: Guest) -> None:
    """Make connections to databases that existed before the run read-only."""
    usual = sqlite3.connect

    @functools.wraps(usual)
    def connect(*args: Any, **values: Any) -> Any:
        if not guest.on:
            return usual(*args, **values)
        return guest.connect_to_database(usual, args, values)

    for module in (sqlite3, sqlite3.dbapi2):
        module.connect = connect  # type: ignore[attr-defined]


def _divert_logs(guest: Guest) -> None:
    """Leave logs that existed before the run unchanged: their lines go to files of the run."""
    usual = logging.FileHandler._open

    def begin(handler: logging.FileHandler) -> object:
        path = _absolute(handler.baseFilename)
        if guest.on and path is not None and guest.is_foreign(path):
            guest.touch("log", path, "left alone: its lines went to a file of the run")
            folder = tempfile.mkdtemp(prefix="log-", dir=guest.notes.folder)
            handler.baseFilename = os.path.join(folder, os.path.basename(path))
        return usual(handler)

    logging.FileHandler._open = begin  # type: ignore[method-assign,assignment]


class _AfterImports(importlib.abc.MetaPathFinder):
    """Calls a function with each of some modules right after its import."""

    def __init__(self, wanted: dict[str, Callable[[Any], None]]) -> None:
        self._wanted = wanted

    def find_spec(
        self, name: str, path: Any, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find a wanted module as the other finders would."""
        if name not in self._wanted:
            return None
        for finder in sys.meta_path:
            if finder is not self and hasattr(finder, "find_spec"):
                spec = finder.find_spec(name, path, target)
                if spec is not None and spec.loader is not None:
                    loader: Any = spec.loader
                    loader.exec_module = _then(loader.exec_module, self._wanted[name])
                    return spec
        return None


def _then(
    execute: Callable[[object], None], then: Callable[[object], None]
) -> Callable[[Any], None]:
    def run(module: object) -> None:
        execute(module)
        then(module)

    return run


def _after_imports(guest: Guest) -> None:
    """Watch SQLAlchemy's engines, and the connections that drivers open below Python's sockets."""

    def engines(module: Any) -> None:
        settings.ENGINES = weakref.WeakSet()
        usual = module.create_engine

        @functools.wraps(usual)
        def create_engine(*args: object, **values: object) -> Any:
            engine = usual(*args, **values)
            settings.ENGINES.add(engine)
            return engine

        # Under the names by which SQLAlchemy's own modules and everybody else use it.
        for each in (module, module.engine, module.engine.create):
            each.create_engine = create_engine

    def driver(module: Any) -> None:
        usual = module.connect

        def connect(*args: Any, **values: Any) -> Any:
            if guest.on:
                place = _place_of_call(module.__name__, args, values)
                if not guest.rules.may_use(place):
                    name = f"{place}/{place.database}"
                    guest.refuse(Lead("database", name, place=place))
            return usual(*args, **values)

        module.connect = connect

    wanted: dict[str, Callable[[Any], None]] = {
        "sqlalchemy": engines,
        **dict.fromkeys(_DRIVERS, driver),
    }
    for name in list(wanted):
        if name in sys.modules:
            wanted.pop(name)(sys.modules[name])
    sys.meta_path.insert(0, _AfterImports(wanted))


#: Drivers that open connections in C, and the ports of their servers.
_DRIVERS = {"psycopg": 5432, "psycopg2": 5432, "MySQLdb": 3306, "mariadb": 3306}


def _place_of_call(module: str, args: tuple[Any, ...], values: Mapping[str, Any]) -> Place:
    given = dict(values)
    text = str(args[0] if args else values.get("conninfo") or values.get("dsn") or "")
    if "://" in text and (place := place_of(text)) is not None:
        return place
    given |= dict(each.split("=", 1) for each in text.split() if "=" in each)
    host = str(given.get("host") or "localhost")
    database = given.get("dbname") or given.get("database") or given.get("db") or ""
    # A folder of sockets is on this machine.
    host = "localhost" if host.startswith("/") else plain(host)
    return Place(host, int(given.get("port") or _DRIVERS[module]), str(database))


def share(rules: Rules) -> None:
    """Make the processes that this one starts watch by the same rules."""
    os.environ[VARIABLE] = rules.to_json()
