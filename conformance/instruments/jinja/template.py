"""A template's source, and what its nodes are."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator

from jinja2 import nodes

#: Statements that output nothing, whatever they contain.
SILENT = (nodes.Assign, nodes.AssignBlock, nodes.ExprStmt, nodes.FromImport, nodes.Import)


@dataclasses.dataclass(frozen=True)
class Template:
    """A template as it was read; a broken one has an invalid source."""

    name: str
    source: str
    file: str | None
    tree: nodes.Template
    broken: bool = False

    def at(self, node: nodes.Node | None) -> str:
        """Return the template's name and the line of a node, as in failures."""
        return f"{self.name}, line {node.lineno}" if node is not None else self.name

    def line(self, node: nodes.Node) -> str:
        """Return the line of the source on which a node begins."""
        lines = self.source.splitlines()
        return lines[node.lineno - 1].strip() if node.lineno <= len(lines) else ""

    @property
    def extends(self) -> Iterator[nodes.Extends]:
        """The extends tags, conditional ones too."""
        return self.tree.find_all(nodes.Extends)

    @functools.cached_property
    def parent_tag(self) -> nodes.Extends | None:
        """The unconditional extends tag; None if there is none, or only a conditional one."""
        tags = list(self.tree.find_all(nodes.Extends))
        found = next((node for node in self.tree.body if isinstance(node, nodes.Extends)), None)
        return found if all(tag in self.tree.body for tag in tags) else None

    @functools.cached_property
    def blocks(self) -> dict[str, nodes.Block]:
        """The blocks that it defines, including nested ones."""
        return {block.name: block for block in self.tree.find_all(nodes.Block)}


def bound_names(node: nodes.Node) -> set[str]:
    """Return the names that are assigned anywhere in a part of a template."""
    found = {name.name for name in node.find_all(nodes.Name) if name.ctx != "load"}
    found |= {macro.name for macro in node.find_all(nodes.Macro)}
    found |= {tag.target for tag in node.find_all(nodes.Import)}
    for tag in node.find_all(nodes.FromImport):
        found |= {name if isinstance(name, str) else name[1] for name in tag.names}
    return found


def free_names(macro: nodes.Macro) -> set[str]:
    """Return the names that a macro uses without receiving them, unless they may be missing."""
    names = {name.name for name in macro.find_all(nodes.Name) if name.ctx == "load"}
    asked = {
        name.name
        for node in macro.find_all((nodes.Test, nodes.Filter))
        if node.name in ("defined", "undefined", "default", "d")
        for name in node.find_all(nodes.Name)
    }
    own = {"caller", "varargs", "kwargs", "loop", "self", "super"}
    inner = {name for part in macro.body for name in bound_names(part)}
    return names - asked - own - inner - {argument.name for argument in macro.args}


def is_name(node: nodes.Node, name: str) -> bool:
    """Check whether a node reads the variable of a name."""
    return isinstance(node, nodes.Name) and node.name == name


def is_call(node: nodes.Node, name: str) -> bool:
    """Check whether a node calls the function of a name."""
    return isinstance(node, nodes.Call) and is_name(node.node, name)
