"""What the clauses do with a package and its project."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import email
import functools
import importlib
import importlib.metadata
import importlib.util
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.effort import effort
from ...core.errors import (
    Broken,
    ConfigError,
    Deviation,
    Kind,
    LateSettingsError,
    Missing,
    SubjectError,
    Untested,
)
from ...instruments.fresh import ask, flask_command, reference_of
from ...subject.config import read_toml
from ..appfactories import DETECTED, found_over_the_command_line
from ..harness import Harness
from .binding import Findings, Look, Packages
from .questions import at_once, build, elsewhere, in_orders, look_from, survey

if TYPE_CHECKING:
    from ...instruments.bench import Bench

#: What is not part of a project's sources.
NO_SOURCE = (".git", ".tox", ".venv", "venv", "node_modules", "__pycache__", "build", "dist")

#: The build system of a project that declares none (PEP 518).
LEGACY = {"requires": ["setuptools>=40.8"], "build-backend": "setuptools.build_meta:__legacy__"}

#: The wheels built so far, by their project's folder; or why there is none.
_wheels: dict[Path, tempfile.TemporaryDirectory[str] | Untested] = {}

#: The build backends of these projects.
_backends: dict[Path, str] = {}


class PackagesHarness(Harness[Packages]):
    """Imports the package in new interpreters and builds its project."""

    kind = "routes"

    def __init__(self, slug: str, binding: Packages, bench: Bench) -> None:
        if binding.package is not None:
            bench = copy.copy(bench)
            bench.subject = dataclasses.replace(bench.subject, app=binding.package)
        super().__init__(slug, binding, bench)

    # The package.

    @functools.cached_property
    def name(self) -> str:
        """The argument of `flask --app`; the clause is `untested` if there is none."""
        name = reference_of(self.bench.subject)
        if os.sep in name or name.endswith(".py"):
            raise Untested("needs an importable package: app = 'module:attribute'")
        folder = None
        # The package may be importable without its project's folder.
        with contextlib.suppress(Broken):
            folder = self.binding.project
        if folder is not None:
            top = name.partition(":")[0].partition(".")[0]
            for place in (Path(folder, "src").resolve(), Path(folder).resolve()):
                if (place / top).is_dir():
                    self.bench.enter(importable(str(place)))
                    break
        return name

    def put_on_path(self) -> str:
        """Put the package on the path, unless it is already there, and return its `name`."""
        return self.name

    def _ask(self, question: Callable[..., Any], does: str, **given: Any) -> Any:
        """Ask a question about the package in a new interpreter, or return the earlier answer."""
        self.put_on_path()
        setup = self.bench.subject.setup
        try:
            return ask(
                self.bench,
                question,
                keep=True,
                does=does,
                setup=setup if isinstance(setup, str) else None,
                **given,
            )
        except LateSettingsError as error:
            raise Broken(str(error), Missing(Kind.KEY, "config")) from None

    def look(self) -> Findings:
        """Return what importing the package shows, whether or not it succeeds."""
        does = "imports the package, then its submodules, and requests the app's pages"
        found: Findings = self._ask(survey, does, paths=self.binding.paths, skip=self.binding.skip)
        if "module" in found:
            raise Untested(f"needs a package: {found['module']} is a module")
        if "error" in found and self.binding.project is not None:
            # It may exist, if the key is right.
            _ = self.project
        return found

    def imported(self) -> Findings:
        """Return the same, or end the clause as `untested` if the package provides no app."""
        found = self.look()
        if "error" in found:
            raise Untested("the package provides no app: see import-exposes-app")
        return found

    def orders(self) -> list[dict[str, Any]]:
        """Return the results of importing submodules in several orders; see `in_orders`."""
        found = self.imported()
        if not found["modules"]:
            raise Untested("needs a package with submodules")
        # What the package itself imports comes in that order whatever is imported first.
        if not found["free"]:
            return []
        orders: list[dict[str, object]] = self._ask(
            in_orders,
            "imports the submodules in several orders",
            modules=found["free"],
            seed=effort.get().seed,
        )
        return orders

    def other_places(self) -> dict[str, Look | str]:
        """Return what is served from other working directories, by their description."""
        found = self.imported()
        seen: dict[str, Look | str] = self._ask(
            elsewhere,
            "starts the app in other folders",
            package=found["folder"],
            paths=list(found["home"]["pages"]),
            urls=list(found["home"]["statics"]),
        )
        return seen

    def misplaced_static(self) -> str:
        """Say where the package has static files, if the app looks for them where there is nothing.

        Empty if the app's folder is there, or nothing in the package has its name.
        """
        found = self.imported()
        folders = found["home"]["folders"]
        wanted = folders.get("the app", "")
        package = os.path.realpath(found["folder"])
        if not wanted or os.path.isdir(wanted):
            return ""
        for folder in sorted(Path(package).rglob(os.path.basename(wanted))):
            if str(folder) not in folders.values() and folder.is_dir() and any(folder.iterdir()):
                here, there = (
                    os.path.relpath(at, os.path.dirname(package)) for at in (folder, wanted)
                )
                return (
                    f"they are in {here}, and the app serves those in {there}, which is not there"
                )
        return ""

    def at_once(self) -> dict[str, Any]:
        """Return what several threads get that import the package concurrently."""
        self.imported()
        found: dict[str, object] = self._ask(at_once, "imports the package in threads at once")
        return found

    def routes(self) -> tuple[str, int, str, str]:
        """Run `flask routes`; return what `--app` was, the exit code, the output and the errors."""
        bare = self.imported()["bare"]
        if bare is None:
            raise Untested("needs a factory that creates an app without settings")
        if bare["wanted"]:
            raise Untested("needs a factory that can be called without arguments")
        module, _, attribute = self.name.partition(":")
        name = module if attribute in ("app", "application", *DETECTED) else self.name
        return name, *flask_command(self.bench, name, "routes")

    def taken_by_flask(self, name: str) -> str:
        """Say what the `flask` command takes for an `--app`."""
        does = f"looks up {name} as flask --app does"
        found: str = ask(self.bench, found_over_the_command_line, does=does, app=name)
        return found

    # The project.

    @functools.cached_property
    def project(self) -> Path:
        """The project's folder; the clause is `broken` if it does not exist."""
        folder = Path(self.need("project")).resolve()
        if not folder.is_dir():
            text = f"the folder {self.binding.project} does not exist"
            raise Broken.for_key(self.slug, "project", text)
        return folder

    def build(self, *kinds: str) -> Path:
        """Build wheels from a copy, a "wheel" or an "editable" one, and return their folder.

        Raises `Deviation` if that fails. Ends the clause as `untested` if the packages that the
        build requires are not installed: nothing is downloaded.
        """
        self.ledger.call(f"building the project {self.project.name}")
        file = self.project / "pyproject.toml"
        try:
            declared = read_toml(file) if file.is_file() else {}
        except ConfigError as error:
            raise Deviation("a readable pyproject.toml", str(error)) from None
        if not declared and not (self.project / "setup.py").is_file():
            raise Deviation("a pyproject.toml next to the package", "neither that nor a setup.py")
        system = declared.get("build-system", LEGACY)
        _backends[self.project] = str(system.get("build-backend", LEGACY["build-backend"]))
        _installed(system.get("requires", []))
        source, wheels = self.bench.folder() / self.project.name, self.bench.folder()
        ignored = shutil.ignore_patterns(*NO_SOURCE, "*.egg-info")
        shutil.copytree(self.project, source, ignore=ignored, symlinks=True)
        if (self.project / ".git").exists():
            # Some backends read the version and the project's files from it.
            (source / ".git").symlink_to(self.project / ".git")
        answer = ask(
            self.bench,
            build,
            does=f"builds the project, as {' and '.join(kinds)}",
            source=str(source),
            wheels=str(wheels),
            backend=system.get("build-backend", LEGACY["build-backend"]),
            backend_path=system.get("backend-path", []),
            kinds=kinds,
        )
        if answer["error"] is not None:
            _installed(answer["requires"])
            raise Deviation(f"the project to build: {answer['kind']}", answer["error"])
        return wheels

    def wheel(self) -> Path:
        """Return the project's wheel, built once; the clause is `untested` if there is none."""
        if self.project not in _wheels:
            try:
                built = self.build("wheel")
            except Deviation:
                _wheels[self.project] = Untested("the project does not build: see installs")
            except Untested as error:
                _wheels[self.project] = error
            else:
                _wheels[self.project] = kept = tempfile.TemporaryDirectory(
                    prefix="conformance-", ignore_cleanup_errors=True
                )
                for wheel in built.rglob("*.whl"):
                    shutil.copy(wheel, kept.name)
        found = _wheels[self.project]
        if isinstance(found, Untested):
            raise found
        self.ledger.call(f"the wheel of the project {self.project.name}")
        return next(Path(found.name).glob("*.whl"))

    def left_out(self) -> str:
        """Return why the wheel may lack files that are not Python's: what configures it."""
        file = self.project / "pyproject.toml"
        tool = read_toml(file).get("tool", {}) if file.is_file() else {}
        backend = _backends.get(self.project, "the build backend")
        cause = f"the wheel that {backend} builds leaves these files out"
        if not backend.startswith("setuptools"):
            return cause
        settings = tool.get("setuptools", {})
        lacking = [] if "package-data" in settings else ["[tool.setuptools.package-data]"]
        if not (self.project / "MANIFEST.in").is_file():
            lacking.append("MANIFEST.in")
        return f"{cause}; the project has no {' and no '.join(lacking)}" if lacking else cause

    def undeclared(self) -> dict[str, str]:
        """Return the libraries that the package imports and that no dependency provides.

        By distribution name, each with the location of an import. The dependencies of a declared
        dependency count as declared.
        """
        libraries = self.imported()["libraries"]
        with zipfile.ZipFile(self.wheel()) as archive:
            name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
            metadata = email.message_from_bytes(archive.read(name))
        from packaging.utils import canonicalize_name

        declared = brought(metadata.get_all("Requires-Dist") or [])
        declared.add(canonicalize_name(metadata["Name"]))
        provided = importlib.metadata.packages_distributions()
        found: dict[str, str] = {}
        for library, place in libraries.items():
            names = {canonicalize_name(each) for each in provided.get(library, ())}
            # A library without a distribution lies next to the package.
            if names and not names & declared:
                found[min(names)] = place
        return found

    def unpacked(self) -> Look:
        """Return what the package serves from its wheel alone.

        Raises `Deviation` if it provides no app there.
        """
        home = self.imported()["home"]
        folder = self.bench.folder()
        with zipfile.ZipFile(self.wheel()) as archive:
            archive.extractall(folder)
        demand = "the package to provide its app from the wheel alone"
        try:
            found: Look = ask(
                self.bench,
                look_from,
                does="imports the package from its unpacked wheel alone and requests its pages",
                cwd=self.bench.folder(),
                path=str(folder),
                paths=list(home["pages"]),
                urls=list(home["statics"]),
            )
        except SubjectError as error:
            raise Deviation(demand, str(error)) from None
        if not Path(found["file"]).is_relative_to(folder):
            names = sorted(path.name for path in folder.iterdir())
            raise Deviation(demand, f"the wheel contains {', '.join(names)}")
        return found

    # What the preflight looks at.

    def wrong_keys(self) -> dict[str, str]:
        """Report a `project` folder that does not exist."""
        folder = self.binding.project
        lost = folder is not None and not Path(folder).is_dir()
        return {"project": f"the folder {folder} does not exist"} if lost else {}


def brought(requirements: Iterable[str]) -> set[str]:
    """Return the names of the distributions that requirements bring in, as installed here.

    The requirements themselves count whatever their markers.
    """
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    found: dict[str, set[str]] = {}
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        each = waiting.pop()
        name, extras = canonicalize_name(each.name), {"", *each.extras}
        if extras <= found.get(name, set()):
            continue
        found.setdefault(name, set()).update(extras)
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            further = [Requirement(text) for text in importlib.metadata.requires(name) or ()]
            waiting += [
                one
                for one in further
                if one.marker is None or any(one.marker.evaluate({"extra": e}) for e in extras)
            ]
    return set(found)


@contextlib.contextmanager
def importable(folder: str) -> Iterator[None]:
    """Put a folder on the path while the block runs; new interpreters inherit it."""
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)


def _installed(requirements: Sequence[str]) -> None:
    """End the clause as `untested` if a build requirement is not installed."""
    from packaging.requirements import Requirement

    missing = []
    for text in requirements:
        requirement = Requirement(text)
        if requirement.marker is not None and not requirement.marker.evaluate():
            continue
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(text)
        else:
            if not requirement.specifier.contains(version, prereleases=True):
                missing.append(text)
    if missing:
        names = " ".join(f"'{text}'" for text in missing)
        raise Untested(
            f"needs the project's build requirements: pip install {names}",
            *(Missing(Kind.PACKAGE, text) for text in missing),
        )
