"""How blocks get their content: the page that a template and its parents form together."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterable

from jinja2 import nodes

from .template import SILENT, Template, is_call, is_name

#: The most paths through a block that are examined.
MOST_PATHS = 64

#: Marks, in a composed page's text, that what follows depends on a test.
BRANCH = "\x01"


class Composition:
    """How the blocks of a template and of its parents form one page."""

    def __init__(self, chain: list[Template]) -> None:
        self.chain = chain
        self.base = chain[-1]
        self.definitions: dict[str, list[nodes.Block]] = {}
        self._reading: set[int] = set()
        for template in chain:
            for name, block in template.blocks.items():
                self.definitions.setdefault(name, []).append(block)

    @functools.cached_property
    def parent(self) -> Composition:
        """What the template would be without itself."""
        return Composition(self.chain[1:])

    @functools.cached_property
    def rendered(self) -> set[int]:
        """The ids of the block definitions that a page of this template renders."""
        seen: set[int] = set()

        def render(name: str, depth: int) -> None:
            blocks = self.definitions.get(name, [])[depth:]
            if blocks and id(blocks[0]) not in seen:
                seen.add(id(blocks[0]))
                walk(blocks[0].body, name, depth)

        def walk(body: Iterable[nodes.Node], name: str, depth: int) -> None:
            for node in body:
                if isinstance(node, nodes.Block):
                    render(node.name, 0)
                    continue
                if is_call(node, "super"):
                    render(name, depth + 1)
                elif isinstance(node, nodes.Getattr) and is_name(node.node, "self"):
                    render(node.attr, 0)
                elif isinstance(node, nodes.Getitem) and is_name(node.node, "self"):
                    wanted = node.arg.value if isinstance(node.arg, nodes.Const) else None
                    for each in self.definitions if wanted is None else [wanted]:
                        render(each, 0)
                walk(node.iter_child_nodes(), name, depth)

        walk(self.base.tree.body, "", 0)
        for template in self.chain[:-1]:
            # What is outside of blocks outputs nothing here, but may set what blocks output.
            walk((n for n in template.tree.body if not isinstance(n, nodes.Block)), "", 0)
        return seen

    def page(self) -> str:
        """Return the page's whole text (see `block`), with `BRANCH` before what a test decides."""
        return self._text(self.base.tree, "", 0)

    def calls_super(self, name: str) -> bool:
        """Check whether the template's own definition of a block uses the parent's anywhere."""
        calls = self.definitions[name][0].find_all(nodes.Call)
        return any(is_call(call, "super") for call in calls)

    def paths(self, name: str) -> list[tuple[str, bool]]:
        """Return the paths through the template's own definition of a block.

        Each with its own text (see `block`) and whether it uses the parent's; only the first ones
        if there are many.
        """
        deepest = len(self.definitions[name])

        def ways(body: Iterable[nodes.Node]) -> list[tuple[str, bool]]:
            found = [("", False)]
            for node in body:
                further = through(node)
                found = [(a + b, c or d) for a, c in found for b, d in further][:MOST_PATHS]
            return found

        def through(node: nodes.Node) -> list[tuple[str, bool]]:
            if isinstance(node, nodes.If):
                branches = [node.body, *(each.body for each in node.elif_), node.else_]
                return [way for branch in branches for way in ways(branch)]
            if isinstance(node, nodes.For | nodes.With | nodes.Scope | nodes.FilterBlock):
                return ways(node.body)
            if isinstance(node, nodes.Output):
                text = self._text(node, name, deepest)
                called = [each for each in node.find_all(nodes.Call) if is_call(each, "super")]
                optional = any(
                    call in each.expr1.find_all(nodes.Call) or call is each.expr1
                    for call in called
                    for each in node.find_all(nodes.CondExpr)
                    if each.expr2 is None
                )
                return [(text, bool(called)), *([(text, False)] if optional else [])]
            if isinstance(node, nodes.Block):
                return [(self._text(self.definitions[node.name][0], node.name, 0), False)]
            return [("", any(is_call(each, "super") for each in node.find_all(nodes.Call)))]

        return [
            (text.replace(BRANCH, ""), used) for text, used in ways(self.definitions[name][0].body)
        ]

    def block(self, name: str, *, inherited: bool = True) -> str:
        """Return a block's text, with its nested blocks and, if `inherited`, what super() adds.

        All branches follow one another; a word that starts with `expression` stands for each
        expression, the same word for the same one.
        """
        definitions = self.definitions[name]
        text = self._text(definitions[0], name, 0 if inherited else len(definitions))
        return text.replace(BRANCH, "")

    def _text(self, holder: nodes.Node, name: str, depth: int) -> str:
        if id(holder) in self._reading:
            # A block inside of itself is endless, both here and when it is rendered.
            return ""
        self._reading.add(id(holder))
        parts = []
        for node in holder.iter_child_nodes():
            if isinstance(node, nodes.TemplateData):
                parts.append(node.data)
            elif isinstance(node, nodes.Block):
                parts.append(self._text(self.definitions[node.name][0], node.name, 0))
            elif is_call(node, "super"):
                above = self.definitions.get(name, [])[depth + 1 :]
                parts.append(self._text(above[0], name, depth + 1) if above else "")
            elif isinstance(node, nodes.Expr):
                if not isinstance(holder, nodes.Output):
                    continue
                parts.append(f"expression{hashlib.sha1(repr(node).encode()).hexdigest()[:12]}")
            elif not isinstance(node, (*SILENT, nodes.Macro)):
                parts.append(BRANCH * isinstance(node, nodes.If) + self._text(node, name, depth))
        self._reading.discard(id(holder))
        return "".join(parts)


def without_placeholders(text: str) -> str:
    """Return a block's text (see `Composition.block`) as a person would quote it."""
    return re.sub(r"expression[0-9a-f]{12}", "{{ ... }}", text)
