"""What the clauses do with a package and its project."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import functools
import importlib
import importlib.metadata
import importlib.util
import os
import shutil
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.effort import effort
from ...core.errors import ConfigError, Deviation, Kind, Missing, SubjectError, Untested
from ...instruments.fresh import ask, flask_command, reference_of
from ...subject.config import read_toml
from ..appfactories import DETECTED
from ..harness import Harness
from .binding import Findings, Look, Packages
from .questions import build, look_from, survey

if TYPE_CHECKING:
    from ...instruments.bench import Bench

#: What of a project is no source of it.
NO_SOURCE = (".git", ".tox", ".venv", "venv", "node_modules", "__pycache__", "build", "dist")

#: The build system of a project that names none (PEP 518).
LEGACY = {"requires": ["setuptools>=40.8"], "build-backend": "setuptools.build_meta:__legacy__"}


class PackagesHarness(Harness[Packages]):
    """Imports the package in new interpreters, and builds its project."""

    kind = "routes"

    def __init__(self, slug: str, binding: Packages, bench: Bench) -> None:
        if binding.package is not None:
            bench = copy.copy(bench)
            bench.subject = dataclasses.replace(bench.subject, app=binding.package)
        super().__init__(slug, binding, bench)

    # The package.

    @functools.cached_property
    def name(self) -> str:
        """What `flask --app` is given; ends the clause as `untested` where there is none."""
        name = reference_of(self.bench.subject)
        if os.sep in name or name.endswith(".py"):
            raise Untested("needs a package that can be imported: app = 'module:attribute'")
        if self.binding.project is not None:
            top = name.partition(":")[0].partition(".")[0]
            for folder in (self.project / "src", self.project):
                if (folder / top).is_dir():
                    self.bench.enter(importable(str(folder)))
                    break
        return name

    def put_on_path(self) -> str:
        """Put the package on the path, unless it is there, and return its `name`."""
        return self.name

    def look(self) -> Findings:
        """Return what an import of the package shows, right or wrong."""
        self.put_on_path()
        setup = self.bench.subject.setup
        found: Findings = ask(
            self.bench,
            survey,
            keep=True,
            setup=setup if isinstance(setup, str) else None,
            paths=self.binding.paths,
            skip=self.binding.skip,
            seed=effort.get().seed,
        )
        if "module" in found:
            raise Untested(f"needs a package: {found['module']} is a module")
        return found

    def imported(self) -> Findings:
        """Return the same; ends the clause as `untested` where the package gives no app."""
        found = self.look()
        if "error" in found:
            raise Untested("the package gives no app: see import-exposes-app")
        return found

    def routes(self) -> tuple[str, int, str, str]:
        """Run `flask routes`; give what `--app` was, the exit code, the output and the errors."""
        bare = self.imported()["bare"]
        if bare is None:
            raise Untested("needs a factory that gives an app without settings")
        if bare["wanted"]:
            raise Untested("needs a factory that can be called without arguments")
        module, _, attribute = self.name.partition(":")
        name = module if attribute in ("app", "application", *DETECTED) else self.name
        return name, *flask_command(self.bench, name, "routes")

    # The project.

    @functools.cached_property
    def project(self) -> Path:
        """The project's folder."""
        folder = Path(self.need("project")).resolve()
        if not folder.is_dir():
            raise Untested(f"needs a project: there is no folder {self.binding.project}")
        return folder

    def build(self, *kinds: str) -> Path:
        """Build wheels of a copy, a "wheel" or an "editable" one; give the folder with them.

        Raises `Deviation` where that fails. Ends the clause as `untested` where the
        packages that build it are not installed: nothing is fetched.
        """
        self.ledger.call(f"building the project {self.project.name}")
        file = self.project / "pyproject.toml"
        try:
            declared = read_toml(file) if file.is_file() else {}
        except ConfigError as error:
            raise Deviation("a pyproject.toml that can be read", str(error)) from None
        if not declared and not (self.project / "setup.py").is_file():
            raise Deviation("a pyproject.toml beside the package", "neither it nor a setup.py")
        system = declared.get("build-system", LEGACY)
        _installed(system.get("requires", []))
        source, wheels = self.bench.folder() / self.project.name, self.bench.folder()
        ignored = shutil.ignore_patterns(*NO_SOURCE, "*.egg-info")
        shutil.copytree(self.project, source, ignore=ignored, symlinks=True)
        if (self.project / ".git").exists():
            # Some backends ask it for the version and for what belongs to the project.
            (source / ".git").symlink_to(self.project / ".git")
        answer = ask(
            self.bench,
            build,
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

    def unpacked(self) -> Look:
        """Return what the package serves from its wheel alone.

        Raises `Deviation` where it gives no app there.
        """
        home = self.imported()["home"]
        try:
            wheels = self.build("wheel")
        except Deviation:
            raise Untested("the project does not build: see installs") from None
        folder = self.bench.folder()
        for wheel in wheels.rglob("*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(folder)
        demand = "the package to give its app from the wheel alone"
        try:
            found: Look = ask(
                self.bench,
                look_from,
                cwd=self.bench.folder(),
                path=str(folder),
                paths=list(home["pages"]),
                urls=list(home["statics"]),
            )
        except SubjectError as error:
            raise Deviation(demand, str(error)) from None
        if not Path(found["file"]).is_relative_to(folder):
            names = sorted(path.name for path in folder.iterdir())
            raise Deviation(demand, f"the wheel holds {', '.join(names)}")
        return found


@contextlib.contextmanager
def importable(folder: str) -> Iterator[None]:
    """Put a folder on the path while the block runs; new interpreters get it from there."""
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)


def _installed(requirements: Sequence[str]) -> None:
    """End the clause as `untested` where a requirement of the build is not installed."""
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
            f"needs what builds the project: pip install {names}",
            *(Missing(Kind.PACKAGE, text) for text in missing),
        )
