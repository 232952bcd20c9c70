"""Which changes are made: operators of cosmic-ray, and five that Flask code needs besides.

A view has few operators and many statements, keyword arguments and texts, so those are removed
and changed too. Of cosmic-ray's replacements one for each operator is taken: that which is
nearest to right.
"""

from __future__ import annotations

import ast
import dataclasses
import pickle
import re
from collections.abc import Iterator
from typing import Any, cast

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.operators.operator import Example, Operator
from cosmic_ray.plugins import get_operator
from parso.python.tree import Keyword, Name, PythonNode

#: Those of cosmic-ray that are used. Its changes of variables would mostly raise NameError, and a
#: `|` of this code is a type.
CORE = (
    "ReplaceComparisonOperator_Eq_NotEq",
    "ReplaceComparisonOperator_NotEq_Eq",
    "ReplaceComparisonOperator_Lt_LtE",
    "ReplaceComparisonOperator_LtE_Lt",
    "ReplaceComparisonOperator_Gt_GtE",
    "ReplaceComparisonOperator_GtE_Gt",
    "ReplaceComparisonOperator_Is_IsNot",
    "ReplaceComparisonOperator_IsNot_Is",
    "ReplaceBinaryOperator_Add_Sub",
    "ReplaceBinaryOperator_Sub_Add",
    "ReplaceBinaryOperator_Mul_Add",
    "ReplaceBinaryOperator_Div_Mul",
    "ReplaceBinaryOperator_FloorDiv_Mul",
    "ReplaceBinaryOperator_Mod_Add",
    "ReplaceUnaryOperator_USub_UAdd",
    "ReplaceUnaryOperator_Delete_Not",
    "AddNot",
    "ReplaceTrueWithFalse",
    "ReplaceFalseWithTrue",
    "ReplaceAndWithOr",
    "ReplaceOrWithAnd",
    "ReplaceBreakWithContinue",
    "ReplaceContinueWithBreak",
    "NumberReplacer",
    "RemoveDecorator",
    "ZeroIterationForLoop",
)

Span = tuple[tuple[int, int], tuple[int, int]]


@dataclasses.dataclass(frozen=True)
class Change:
    """One change of a module: the operator, the line (from 1), and the code before and after."""

    operator: str
    line: int
    was: str
    becomes: str
    code: str = dataclasses.field(repr=False)


class RemoveStatement(Operator):  # type: ignore[misc]  # cosmic-ray has no types
    """Put `pass` in the place of a statement that is neither an import nor a docstring."""

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        """Yield where a statement can go."""
        if node.type in _STATEMENTS and node.parent.type == "simple_stmt":
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """Return the `pass` that stands for it."""
        return Keyword("pass", node.start_pos, node.get_first_leaf().prefix)

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return what it does to code."""
        return (
            Example("def f():\n    db.close()\n", "def f():\n    pass\n"),
            Example("x = 1\ny = 2\n", "x = 1\npass\n", occurrence=1),
        )


class RemoveKeyword(Operator):  # type: ignore[misc]
    """Leave out an argument that a call gives by its name."""

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        """Yield where a named argument stands."""
        for each in _named(node):
            yield each.start_pos, each.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """Return the arguments without it and without its comma."""
        children = list(node.children)
        place = children.index(_named(node)[index])
        if place + 1 < len(children) and children[place + 1] == ",":
            del children[place : place + 2]
        elif place and children[place - 1] == ",":
            del children[place - 1 : place + 1]
        else:
            del children[place]
        return PythonNode(node.type, children)

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return what it does to code."""
        return (
            Example("f(a, b=1)\n", "f(a)\n"),
            Example("f(b=1, c=2)\n", "f( c=2)\n"),
            Example("f(b=1)\n", "f()\n"),
        )


class ChangeText(Operator):  # type: ignore[misc]
    """Add two letters to a text that a program reads: a name, a key, a URL, a header, SQL, a format.

    Sentences for people stay, and so do docstrings: another wording is as right.
    """

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        """Yield where a text ends."""
        if node.type == "string":
            told = _is_docstring(node) or _is_prose(ast.literal_eval(node.value))
        else:
            told = node.type != "fstring_string" or _is_prose(node.value)
        if not told:
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """Return the longer text."""
        quotes = 0 if node.type == "fstring_string" else 3 if node.value[-3:] in _LONG else 1
        end = len(node.value) - quotes
        node.value = f"{node.value[:end]}XX{node.value[end:]}"
        return node

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return what it does to code."""
        return (
            Example('f("a")\n', 'f("aXX")\n'),
            Example('"""What it is."""\nf(f"{a}/b")\n', '"""What it is."""\nf(f"{a}/bXX")\n'),
            Example('say("The name is taken.", "id")\n', 'say("The name is taken.", "idXX")\n'),
        )


class CatchNothing(Operator):  # type: ignore[misc]
    """Let an `except` catch nothing; cosmic-ray's own operator stumbles over a dotted name."""

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        """Yield where an exception is named."""
        if node.type == "except_clause":
            yield node.children[1].start_pos, node.children[1].end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """Return the clause with an empty tuple in the place of the exception."""
        caught = node.children[1]
        node.children[1] = Name("()", caught.start_pos, caught.get_first_leaf().prefix)
        return node

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return what it does to code."""
        before = "try:\n    f()\nexcept {}:\n    pass\n"
        return (Example(before.format("db.Error"), before.format("()")),)


class RemoveItem(Operator):  # type: ignore[misc]
    """Leave out one element of a list, a tuple, a set or a dict that is written out."""

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        """Yield where an element stands."""
        for first, last in _elements(node):
            yield node.children[first].start_pos, node.children[last - 1].end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """Return the others."""
        first, last = _elements(node)[index]
        children = node.children
        if last < len(children):
            rest = children[:first] + children[last + 1 :]
        else:
            rest = children[: first - 1]
        return PythonNode(node.type, rest)

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return what it does to code."""
        return (
            Example('x = ["a", "b"]\n', 'x = [ "b"]\n'),
            Example('x = {"a": 1, "b": 2}\n', 'x = {"a": 1}\n', occurrence=1),
        )


_STATEMENTS = {
    "expr_stmt",
    "atom_expr",
    "power",
    "await_expr",
    "raise_stmt",
    "return_stmt",
    "del_stmt",
    "yield_expr",
    "assert_stmt",
}
_PROSE = re.compile(r"(?![A-Z]{4,} )(?=.*\w)(?=.* )[\w\s.,!?'…]+")
_LONG = {'"' * 3, "'" * 3}


def _named(node: Any) -> list[Any]:
    if node.type not in {"arglist", "trailer"}:
        return []
    named = [each for each in node.children if each.type == "argument"]
    return [each for each in named if getattr(each.children[1], "value", "") == "="]


def _is_docstring(node: Any) -> bool:
    return cast(bool, node.parent.type == "simple_stmt")


def _is_prose(text: str) -> bool:
    """Check whether a text is several words as people write them, none of them SQL."""
    return _PROSE.fullmatch(text) is not None


def _elements(node: Any) -> list[tuple[int, int]]:
    """Return from which child to which each element goes, of at least two."""
    if node.type not in {"testlist_comp", "dictorsetmaker"}:
        return []
    if any(each.type in {"comp_for", "sync_comp_for"} for each in node.children):
        return []
    starts = [0]
    starts += [place + 1 for place, each in enumerate(node.children) if each == ","]
    ends = [start - 1 for start in starts[1:]] + [len(node.children)]
    elements = [pair for pair in zip(starts, ends, strict=True) if pair[0] < pair[1]]
    return elements if len(elements) > 1 else []


OWN = (RemoveStatement, RemoveKeyword, ChangeText, CatchNothing, RemoveItem)


def operators() -> Iterator[Operator]:
    """Yield every operator that is used, cosmic-ray's first."""
    for name in CORE:
        yield get_operator(f"core/{name}")()
    for kind in OWN:
        yield kind()


def changes(code: str) -> Iterator[Change]:
    """Yield every change of a module's code that parses and differs from it, each once, by line."""
    seen = {code}
    tree = get_ast(code)
    nodes = list(ast_nodes(tree))
    # A tree is changed in place, and parsing takes longer than copying.
    copied = pickle.dumps((tree, nodes))
    found: list[Change] = []
    for operator in operators():
        for place, node in enumerate(nodes):
            for index, ((line, _), _) in enumerate(operator.mutation_positions(node)):
                mutated = _mutated(operator, copied, place, index)
                if mutated in seen or not _compiles(mutated):
                    continue
                seen.add(mutated)
                was, becomes = _difference(code, mutated)
                found.append(Change(type(operator).__name__, line, was, becomes, mutated))
    yield from sorted(found, key=lambda change: change.line)


def _mutated(operator: Operator, copied: bytes, place: int, index: int) -> str:
    """Return the code with the node at a place changed, in a copy of the tree and of its nodes."""
    tree, nodes = pickle.loads(copied)
    node = nodes[place]
    new = operator.mutate(node, index)
    around = node.parent
    if around is not None:
        children = [new if each is node else each for each in around.children]
        around.children = [each for each in children if each is not None]
    return cast(str, tree.get_code())


def _compiles(code: str) -> bool:
    try:
        compile(code, "<mutant>", "exec")
    except SyntaxError:
        return False
    return True


def _difference(code: str, mutated: str) -> tuple[str, str]:
    """Return the lines that differ, before and after, without their indentation."""
    old, new = code.splitlines(), mutated.splitlines()
    while old and new and old[0] == new[0]:
        del old[0], new[0]
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    return _joined(old), _joined(new)


def _joined(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines)
