"""The layers of the house: each module stands in one, and imports only from those below."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

#: From the top down. A name without a dot is a folder or a file of `conformance/`.
LAYERS = (
    ("__main__", "cli", "plugin", "items", "session", "errors", "__init__"),
    ("reports",),
    ("runner",),
    ("suites",),
    ("clause",),
    ("detectors",),
    ("survey",),
    ("patterns",),
    ("instruments",),
    ("subject",),
    ("transports",),
    ("core",),
)
RANK = {name: len(LAYERS) - depth for depth, layer in enumerate(LAYERS) for name in layer}

#: What may not be imported in a layer, whatever else is installed.
FOREIGN = {
    "patterns": {"pytest", "hypothesis"},
    "subject": {"pytest", "hypothesis"},
    "transports": {"pytest", "hypothesis"},
    "core": {"pytest", "hypothesis", "flask"},
}


def modules(root: Path) -> dict[str, Path]:
    """Return the kit's modules by dotted name, without the leading `conformance`."""
    found = {}
    for file in sorted((root / "conformance").rglob("*.py")):
        parts = file.relative_to(root / "conformance").with_suffix("").parts
        found[".".join(parts if len(parts) == 1 or parts[-1] != "__init__" else parts[:-1])] = file
    return found


def imports(name: str, file: Path, known: set[str]) -> Iterator[tuple[int, str]]:
    """Yield the line and the name of each module of the kit that a file imports anywhere."""
    package = ["conformance", *name.split(".")]
    if file.name != "__init__.py" or name == "__init__":
        package = package[:-1]
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            targets = [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            targets = [(module, alias.name) for alias in node.names]
        else:
            continue
        for module, attribute in targets:
            if module.partition(".")[0] != "conformance":
                continue
            inner = module.removeprefix("conformance").removeprefix(".")
            longer = f"{inner}.{attribute}".strip(".")
            yield node.lineno, longer if longer in known else inner or "__init__"


def layer(name: str) -> str:
    return name.partition(".")[0]


def upward(root: Path) -> list[str]:
    """Return each import that goes up, as file, line and arrow."""
    found = modules(root)
    return [
        f"{file.relative_to(root)}:{line}: {name} -> {target}"
        for name, file in found.items()
        for line, target in imports(name, file, set(found))
        if RANK[layer(target)] > RANK[layer(name)]
    ]


def circles(root: Path) -> list[list[str]]:
    """Return the groups of modules that import each other, those of one module left out."""
    found = modules(root)
    arrows = {
        name: {target for _, target in imports(name, file, set(found))} - {name}
        for name, file in found.items()
    }
    reach = {name: _reached(name, arrows) for name in arrows}
    groups = {
        tuple(sorted(other for other in reach[name] if name in reach[other])) for name in arrows
    }
    return [list(group) for group in sorted(groups) if len(group) > 1]


def _reached(name: str, arrows: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        for target in arrows.get(waiting.pop(), ()):
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return seen


def test_each_module_stands_in_a_layer() -> None:
    assert [name for name in modules(ROOT) if layer(name) not in RANK] == []


def test_no_import_goes_up() -> None:
    assert upward(ROOT) == []


def test_there_is_no_circle() -> None:
    assert circles(ROOT) == []


@pytest.mark.parametrize("name", sorted(FOREIGN))
def test_foreign_packages_stay_out(name: str) -> None:
    found = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in (ROOT / "conformance" / name).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in (
            [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module]
        )
        if (module or "").partition(".")[0] in FOREIGN[name]
        and not (isinstance(node, ast.ImportFrom) and node.level)
    ]
    assert found == []


def test_nothing_in_the_kit_imports_the_reference() -> None:
    for file in (ROOT / "conformance").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            assert not any(name.partition(".")[0] == "reference" for name in names), file


def test_an_arrow_that_goes_up_is_named(tmp_path: Path) -> None:
    kit = tmp_path / "conformance"
    (kit / "core").mkdir(parents=True)
    (kit / "core" / "__init__.py").write_text("")
    (kit / "core" / "verdict.py").write_text("def late():\n    from ..cli import main\n")
    (kit / "cli.py").write_text("from .core import verdict\n\nmain = verdict\n")

    assert upward(tmp_path) == ["conformance/core/verdict.py:2: core.verdict -> cli"]
    assert circles(tmp_path) == [["cli", "core.verdict"]]
