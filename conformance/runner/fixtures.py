"""Apps from a project's own tests: `"fixture:app"` is a fixture from its conftest.

The fixture is called again for each app, and so are the fixtures that it requests, unless their
scope is wider than a test; what they open is closed when the clause has ended. pytest finds and
orders them; no test module is imported, and no test is run.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import inspect
import io
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from _pytest.config import _prepareconfig

from ..core.errors import SubjectError, nearest
from ..core.told import telling, told
from ..subject.pins import pinned

#: The prefix of a reference to a fixture.
PREFIX = "fixture:"

#: The options of a session that collects only conftest files and does not affect the process: no
#: output, no hooks for warnings and crashes, no options of the project, and none of its warnings
#: as errors: modules that pytest would rewrite are already imported here.
_OPTIONS = [
    *("-s", "-q", "-o", "addopts=", "-o", "filterwarnings="),
    *("-p", "no:cacheprovider", "-p", "no:faulthandler", "-p", "no:unraisableexception"),
    *("-p", "no:threadexception", "-p", "no:randomly", "-p", "no:xdist"),
]

#: What runs the cleanup of each open context when it ends.
Closing = Callable[[Callable[[], object]], object]


class _Asking(pytest.Item):
    """Stands among the tests of a folder, and sees the fixtures that they see."""

    def runtest(self) -> None:
        """Do nothing: its fixtures are requested one by one."""


class _Conftest(pytest.File):
    """A folder's conftest."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield one item for the folder."""
        yield _Asking.from_parent(self, name="conformance")


class _Conftests:
    """The plugin that keeps a session from collecting anything else."""

    def __init__(self) -> None:
        self.failed: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Ignore every file that is not a conftest."""
        is_other = collection_path.is_file() and collection_path.name != "conftest.py"
        return True if is_other else None

    def pytest_collect_file(self, file_path: Path, parent: object) -> pytest.Collector | None:
        """Collect a conftest as a place to request fixtures from."""
        if file_path.name != "conftest.py":
            return None
        found: pytest.Collector = _Conftest.from_parent(parent, path=file_path)
        return found

    def pytest_collectreport(self, report: Any) -> None:
        """Record what could not be collected."""
        if report.failed:
            lines = str(report.longrepr).strip().splitlines()
            self.failed.append(lines[-1].removeprefix("E").strip())


class Tests:
    """The conftest files of a project, and their fixtures."""

    def __init__(self) -> None:
        conftests = _Conftests()
        # Some plugins need the options of the terminal reporter, whose output nobody wants.
        with _no_options(), contextlib.redirect_stdout(io.StringIO()):
            config = _prepareconfig([*_OPTIONS], [conftests])
            self.session = pytest.Session.from_config(config)
            config._do_configure()
            config.hook.pytest_sessionstart(session=self.session)
            self.session.perform_collect()
        self.failed = conftests.failed
        self.manager: Any = self.session._fixturemanager
        items = [item for item in self.session.items if isinstance(item, _Asking)]
        self.items = sorted(items, key=lambda item: len(item.path.parts))
        #: The values of fixtures with a scope wider than a test, and how to close them.
        self.shared: dict[Any, Any] = {}
        self.closers = contextlib.ExitStack()

    def definitions(self, name: str, item: Any) -> Sequence[Any]:
        """Return the definitions of a fixture that an item sees, the innermost last."""
        node = item if pytest.version_tuple >= (8,) else item.nodeid
        return self.manager.getfixturedefs(name, node) or ()

    def automatic(self, item: Any) -> list[str]:
        """Return the autouse fixtures of conftest files, without those of plugins."""
        node = item if pytest.version_tuple >= (8,) else item.nodeid
        names = dict.fromkeys(self.manager._getautousenames(node))
        return [
            name
            for name in names
            if any(_file(each.func) == "conftest.py" for each in self.definitions(name, item)[-1:])
        ]

    def names(self) -> list[str]:
        """Return the names of all fixtures in conftest files."""
        manager = self.manager
        if hasattr(manager, "_get_all_fixture_defs"):
            every = list(manager._get_all_fixture_defs())
        else:
            every = [each for found in manager._arg2fixturedefs.values() for each in found]
        return sorted({each.argname for each in every if _file(each.func) == "conftest.py"})


@functools.cache
def tests_of(folder: str) -> Tests:
    """Return the conftest files below a folder, or below its project's `testpaths`.

    Raises `SubjectError` if they cannot be imported.
    """
    try:
        return Tests()
    except pytest.UsageError as error:
        raise SubjectError(f"{PREFIX[:-1]}: pytest: {' '.join(str(error).split())}") from None
    except Exception as error:
        cause = getattr(error, "cause", None) or error.__cause__ or error
        path = getattr(error, "path", "conftest.py")
        raise SubjectError(f"importing {_shown(path)} raised {told(cause)}") from error


class Fixture:
    """A fixture, called like a factory. Raises `SubjectError` if there is none."""

    def __init__(self, name: str) -> None:
        self.__name__ = name
        self.tests = tests_of(os.getcwd())
        for item in self.tests.items:
            if found := self.tests.definitions(name, item):
                self.item, self.definition = item, found[-1]
                break
        else:
            if self.tests.failed:
                raise SubjectError(f"{PREFIX}{name}: collecting failed: {self.tests.failed[0]}")
            files = ", ".join(_shown(item.path) for item in self.tests.items)
            where = f"in {files}" if files else "as there is no conftest.py"
            raise SubjectError(
                f"there is no fixture {name!r} {where}{nearest(name, self.tests.names())}"
            )

    @property
    def remarks(self) -> list[str]:
        """What users should know about the apps that it returns."""
        found = []
        if self.definition.scope != "function":
            found.append(
                f"its scope is {self.definition.scope}, but it is called again for each app"
            )
        if self.definition.params:
            found.append(
                f"it has parameters, of which the first is used: {self.definition.params[0]!r}"
            )
        wide = sorted({each.argname for each in self.tests.shared})
        if wide:
            found.append(f"all apps share {', '.join(wide)}, which {_are(wide)} created once")
        return found

    def make(
        self, folder: Callable[[], Path], closing: Closing, config: Mapping[str, object]
    ) -> Any:
        """Return the fixture's value, and pass on how to close what it opened.

        `folder` returns a new folder, for `tmp_path`; `config` overrides the app's configuration,
        whatever the fixture sets. If the value is a client, its app is used.
        """
        import werkzeug.test

        call = _Call(self.__name__, self.tests, self.item, folder)
        context = contextvars.copy_context()

        def close() -> None:
            with telling(f"the end of {PREFIX}{self.__name__}"):
                context.run(call.closers.close)

        closing(close)
        made = context.run(self._run, call, config)
        return made.application if isinstance(made, werkzeug.test.Client) else made

    def _run(self, call: _Call, config: Mapping[str, object]) -> Any:
        name = self.__name__
        try:
            with pinned(config):
                for each in self.tests.automatic(self.item):
                    call.value(each)
                return call.value(name)
        except (pytest.skip.Exception, pytest.fail.Exception) as error:
            raise SubjectError(f"{PREFIX}{name}: {type(error).__name__}: {error}") from None


class _Call:
    """One app's fixtures: those with test scope are new, the others shared."""

    def __init__(
        self, name: str, tests: Tests, item: pytest.Item, folder: Callable[[], Path]
    ) -> None:
        self.name = name
        self.tests = tests
        self.item = item
        self.folder = folder
        self.values: dict[Any, Any] = {}
        self.closers = contextlib.ExitStack()
        self._top: Any = None

    def value(self, name: str, below: int = 0) -> Any:
        """Return a fixture's value; `below` counts those of the same name that request it."""
        if name == "tmp_path":
            return self._kept(name, self.folder)
        if name == "tmpdir":
            return self._kept(name, lambda: _local(self.folder()))
        definitions = self.tests.definitions(name, self.item)
        if len(definitions) <= below:
            names = self.tests.names()
            raise SubjectError(f"there is no fixture {name!r}{nearest(name, names)}")
        definition = definitions[-1 - below]
        if name == self.name:
            self._top = self._top or definition
        wide = definition.scope != "function" and definition is not self._top
        if definition in self.tests.shared:
            return self.tests.shared[definition]
        if definition in self.values:
            return self.values[definition]
        asked: dict[str, object] = {}
        closers = self.tests.closers if wide else self.closers
        for each in definition.argnames:
            if each == "request":
                asked[each] = _Request(self, definition, closers)
            else:
                asked[each] = self.value(each, below + 1 if each == name else 0)
        kept = self.tests.shared if wide else self.values
        kept[definition] = _called(definition, asked, closers)
        return kept[definition]

    def _kept(self, key: str, make: Callable[[], object]) -> Any:
        if key not in self.values:
            self.values[key] = make()
        return self.values[key]


class _Request:
    """What a fixture receives as `request`."""

    def __init__(self, call: _Call, definition: Any, closers: contextlib.ExitStack) -> None:
        self._call = call
        self.addfinalizer = closers.callback
        self.fixturename = definition.argname
        self.scope = definition.scope
        if definition.params:
            self.param = definition.params[0]
        self.node = call.item
        self.session = call.tests.session
        self.config = call.tests.session.config
        self.path = call.item.path
        self.keywords = call.item.keywords
        self.module = self.function = None
        # Fixtures of test classes leave things there for their tests.
        self.cls = type("Conformance", (), {})
        self.instance = self.cls()

    def getfixturevalue(self, name: str) -> Any:
        """Return the value of another fixture."""
        return self._call.value(name)


def _called(definition: Any, asked: dict[str, Any], closers: contextlib.ExitStack) -> Any:
    function = definition.func
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise SubjectError(
            f"the fixture {definition.argname!r} is asynchronous: name one that is not"
        )
    if not inspect.isgeneratorfunction(function):
        return function(**asked)
    generator = function(**asked)
    made = next(generator)
    closers.callback(_finish, generator)
    return made


def _finish(generator: Iterator[object]) -> None:
    """Run the part of a fixture after its `yield`."""
    for _ in generator:
        break


@contextlib.contextmanager
def _no_options() -> Iterator[None]:
    """Ignore `PYTEST_ADDOPTS`, which is meant for another run."""
    before = os.environ.pop("PYTEST_ADDOPTS", None)
    try:
        yield
    finally:
        if before is not None:
            os.environ["PYTEST_ADDOPTS"] = before


def _local(folder: Path) -> Any:
    import py  # type: ignore[import-untyped,unused-ignore]

    return py.path.local(folder)


def _file(function: Any) -> str:
    code = getattr(inspect.unwrap(function), "__code__", None)
    return os.path.basename(code.co_filename) if code is not None else ""


def _shown(path: Any) -> str:
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"
