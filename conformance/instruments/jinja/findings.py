"""What is wrong in a template's source, whatever it renders."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator

from jinja2 import Environment, nodes

from ..html import Page, normal
from .template import SILENT, Template, is_call, is_name

#: Filters whose output has no character with a meaning to an HTML parser.
PLAIN_FILTERS = frozenset(("count", "float", "int", "length", "round", "urlencode", "wordcount"))

ESCAPING_FILTERS = PLAIN_FILTERS | {"e", "escape", "forceescape", "tojson"}


def comment_before_extends(template: Template) -> str | None:
    """Return the HTML comment before the extends tag of a child template."""
    for node in template.tree.body:
        if node is template.parent_tag or not isinstance(node, nodes.Output):
            break
        for part in node.nodes:
            if isinstance(part, nodes.TemplateData) and (text := part.data.strip()):
                return text
    return None


def misplaced_extends(template: Template) -> tuple[nodes.Node, str] | None:
    """Return what precedes the extends tag of a child, or a second such tag, with a description."""
    tag = template.parent_tag
    for node in template.tree.body:
        if node is tag:
            break
        if words := _visible(node):
            return node, words
    tags = [node for node in template.tree.body if isinstance(node, nodes.Extends)]
    return (tags[1], "a second extends tag") if len(tags) > 1 else None


def _visible(node: nodes.Node) -> str | None:
    if not isinstance(node, nodes.Output):
        return _tag(node)
    for part in node.nodes:
        if not isinstance(part, nodes.TemplateData):
            return "an expression"
        # A comment for readers of the source is dropped on purpose.
        if data := re.sub(r"<!--.*?-->", "", part.data, flags=re.DOTALL).strip():
            return f"the text {data[:40]!r}"
    return None


def _tag(node: nodes.Node) -> str:
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).lower()
    name = {"assign": "set", "assign block": "set", "from import": "from"}.get(name, name)
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name} tag"


def outside_blocks(template: Template) -> Iterator[tuple[nodes.Node, str]]:
    """Yield what a child has outside of its blocks that is not rendered, or in the wrong place."""

    def look(body: Iterable[nodes.Node], within: str) -> Iterator[tuple[nodes.Node, str]]:
        for node in body:
            if isinstance(node, nodes.Block):
                if within:
                    yield node, f"the block {node.name} inside {within}, which has no effect on it"
            elif isinstance(node, nodes.Output):
                if words := _visible(node):
                    yield node, words
            elif isinstance(node, nodes.If | nodes.For | nodes.With | nodes.Scope):
                around = within if isinstance(node, nodes.Scope) else _tag(node)
                inner = (n for n in node.iter_child_nodes() if isinstance(n, nodes.Stmt))
                yield from look(inner, around)
            elif not isinstance(node, (*SILENT, nodes.Macro, nodes.Extends)):
                yield node, _tag(node)

    tag = template.parent_tag
    if tag is not None:
        yield from look(template.tree.body[template.tree.body.index(tag) :], "")


def unscoped_blocks(template: Template) -> Iterator[tuple[nodes.Block, str]]:
    """Yield the blocks that use a variable of an enclosing loop or with tag without seeing it."""

    def look(node: nodes.Node, bound: frozenset[str]) -> Iterator[tuple[nodes.Block, str]]:
        if isinstance(node, nodes.Block):
            names = list(node.find_all(nodes.Name))
            own = {name.name for name in names if name.ctx != "load"}
            if any(node.find_all(nodes.For)):
                own.add("loop")
            used = {name.name for name in names if name.ctx == "load"} & bound - own
            if used and not node.scoped:
                yield node, min(used)
            bound = bound if node.scoped else frozenset()
        elif isinstance(node, nodes.For):
            bound |= {"loop", *(name.name for name in _names(node.target))}
        elif isinstance(node, nodes.With):
            bound |= {name.name for target in node.targets for name in _names(target)}
        if isinstance(node, nodes.For | nodes.With):
            bound |= {name for each in node.iter_child_nodes() for name in _set_in(each)}
        for child in node.iter_child_nodes():
            yield from look(child, bound)

    yield from look(template.tree, frozenset())


def _set_in(node: nodes.Node) -> Iterator[str]:
    """Yield the names that `set` tags give values, in a node and outside of its blocks."""
    if isinstance(node, nodes.Block):
        return
    if isinstance(node, nodes.Assign | nodes.AssignBlock):
        yield from (name.name for name in _names(node.target))
    for child in node.iter_child_nodes():
        yield from _set_in(child)


def _names(node: nodes.Node) -> list[nodes.Name]:
    return [node] if isinstance(node, nodes.Name) else list(node.find_all(nodes.Name))


def url_calls(template: Template) -> Iterator[tuple[nodes.Call, str, set[str] | None]]:
    """Yield the calls of `url_for` with a literal endpoint: the call, the endpoint, the names.

    The names are None if a call unpacks a mapping. Calls that depend on the configuration are
    ignored: their endpoint may only be registered elsewhere.
    """

    def look(node: nodes.Node) -> Iterator[nodes.Call]:
        if isinstance(node, nodes.If | nodes.CondExpr):
            tested = {name.name for name in _names(node.test)}
            if tested & {"config", "current_app"}:
                return
        if isinstance(node, nodes.Call) and is_call(node, "url_for"):
            yield node
        for child in node.iter_child_nodes():
            yield from look(child)

    for call in look(template.tree):
        first = call.args[0] if call.args else None
        if isinstance(first, nodes.Const) and isinstance(first.value, str):
            names = {keyword.key for keyword in call.kwargs}
            yield call, first.value, None if call.dyn_kwargs is not None else names


def is_html(template: Template) -> bool:
    """Check whether a template is an HTML page or a part of one, by its name or its markup."""
    ends = template.name.rpartition("/")[2].lower().split(".")[1:]
    kinds = [end for end in ends if end not in ("j2", "jinja", "jinja2", "tmpl", "tpl", "template")]
    if kinds:
        return kinds[-1] in ("htm", "html", "xhtml")
    text = "".join(data.data for data in template.tree.find_all(nodes.TemplateData))
    tags = r"<(?:!doctype html|(?:html|body|div|p|span|a|ul|ol|table|form|h[1-6]|section)[\s>])"
    return re.search(tags, text, re.IGNORECASE) is not None


def unescaped(env: Environment, template: Template) -> nodes.Expr | None:
    """Return the first expression that is output unescaped because of the template's name."""
    setting = env.autoescape
    if setting(template.name) if callable(setting) else setting:
        return None
    macros = {macro.name for macro in template.tree.find_all(nodes.Macro)}
    macros |= {tag.target for tag in template.tree.find_all(nodes.Import)}
    for tag in template.tree.find_all(nodes.FromImport):
        macros |= {name if isinstance(name, str) else name[1] for name in tag.names}

    def rendered(part: nodes.Expr) -> bool:
        if not isinstance(part, nodes.Call):
            return False
        called = part.node.node if isinstance(part.node, nodes.Getattr) else part.node
        known = macros | {"super", "self", "caller"}
        return isinstance(called, nodes.Name) and called.name in known

    def look(node: nodes.Node) -> Iterator[nodes.Expr]:
        if isinstance(node, nodes.ScopedEvalContextModifier):
            switches = {option.key: option.value for option in node.options}
            on = switches.get("autoescape")
            if isinstance(on, nodes.Const) and on.value:
                # Only blocks start a new scope.
                for block in node.find_all(nodes.Block):
                    yield from look(block)
                return
        if isinstance(node, nodes.Output):
            for part in node.nodes:
                if not (
                    isinstance(part, nodes.TemplateData)
                    or rendered(part)
                    or _plain(part, ESCAPING_FILTERS)
                ):
                    yield part
        for child in node.iter_child_nodes():
            yield from look(child)

    return next(look(template.tree), None)


def _plain(part: nodes.Expr | None, filters: frozenset[str]) -> bool:
    """Check whether an expression's text cannot contain a special space, quote or bracket."""
    if part is None or isinstance(part, nodes.Const | nodes.Compare | nodes.Not | nodes.Test):
        return True
    if isinstance(part, nodes.Filter):
        return part.name in filters
    if isinstance(part, nodes.Getattr):
        return is_name(part.node, "loop")
    if isinstance(part, nodes.CondExpr):
        return _plain(part.expr1, filters) and _plain(part.expr2, filters)
    if isinstance(part, nodes.Add | nodes.Sub | nodes.Mul):
        return _plain(part.left, filters) and _plain(part.right, filters)
    return isinstance(part, nodes.Call) and is_call(part, "url_for")


@dataclasses.dataclass(frozen=True)
class Place:
    """Where in HTML a piece of a template ends: `mode` is what is parsed there, or the quote."""

    mode: str = "text"
    tag: str = ""

    def after(self, text: str) -> Place:
        """Return the place after additional text."""
        mode, tag, at = self.mode, self.tag, 0
        while at < len(text):
            wanted = {
                "text": r"<(?:!--|/?[a-zA-Z][^\s/>=\"']*)",
                "comment": "-->",
                "script": rf"</{tag}",
                "tag": "[>=]",
                "value": r"\S",
                "bare": r"[\s>]",
            }.get(mode, mode)
            found = re.compile(wanted, re.IGNORECASE).search(text, at)
            if found is None:
                break
            at = found.end()
            if mode == "text":
                mode = "comment" if found[0] == "<!--" else "tag"
                tag = found[0][1:].lower()
            elif mode == "comment":
                mode = "text"
            elif mode == "script":
                mode, tag = "tag", found[0][1:]
            elif mode == "tag" and found[0] == "=":
                mode = "value"
            elif mode == "value" and found[0] in "\"'":
                mode = found[0]
            elif mode == "value" and found[0] != ">":
                mode = "bare"
            elif found[0] == ">":
                mode = "script" if tag in ("script", "style") else "text"
            else:
                mode = "tag"
        return Place(mode, tag)


def marked_safe(template: Template, variable: object = None) -> nodes.Node | None:
    """Return what keeps values of a template from being escaped, if anything does.

    Of `safe` filters, with a variable only one on an expression that it is part of.
    """
    for block in template.tree.find_all(nodes.ScopedEvalContextModifier):
        for option in block.options:
            value = option.value
            if option.key == "autoescape" and isinstance(value, nodes.Const) and not value.value:
                return block
    for found in template.tree.find_all(nodes.Filter):
        names = {name.name for name in found.find_all(nodes.Name)}
        if found.name == "safe" and (variable is None or variable in names):
            return found
    return None


def unquoted(template: Template) -> list[nodes.Expr]:
    """Return the expressions that are, or are part of, an unquoted attribute value."""
    found: list[nodes.Expr] = []

    def read(body: Iterable[nodes.Node], place: Place) -> Place:
        for node in body:
            if isinstance(node, nodes.Output):
                place = shown(node, place)
            elif isinstance(node, nodes.If):
                # All branches continue from the same place, and end in the same one.
                for branch in (*(other.body for other in node.elif_), node.else_):
                    read(branch, place)
                place = read(node.body, place)
            elif isinstance(node, nodes.Macro | nodes.AssignBlock):
                read(node.body, Place())
            elif isinstance(node, nodes.Stmt):
                inner = (n for n in node.iter_child_nodes() if isinstance(n, nodes.Stmt))
                place = read(inner, place)
        return place

    def shown(output: nodes.Output, place: Place) -> Place:
        for part in output.nodes:
            if isinstance(part, nodes.TemplateData):
                place = place.after(part.data)
            elif place.mode in ("value", "bare"):
                if not _plain(part, PLAIN_FILTERS):
                    found.append(part)
                place = dataclasses.replace(place, mode="bare")
        return place

    read(template.tree.body, Place())
    return found


def default_texts(layout: Template) -> dict[str, list[str]]:
    """Return the default text of a layout's blocks, as far as it does not depend on a test.

    By block, in pieces as a reader of the page sees them. Nested blocks are ignored: a template
    that overrides the outer block may omit them.
    """
    found: dict[str, list[str]] = {}
    before = ""
    for block in layout.tree.body:
        if not isinstance(block, nodes.Block):
            before += _source_text([block])
        # What is inside a tag is the value of an attribute, which is not visible.
        elif before.rfind("<") <= before.rfind(">"):
            text = _source_text(block.body)
            pieces = (normal(piece) for piece in Page(text).text.split("\0"))
            if seen := [piece for piece in pieces if len(piece) > 2]:
                found[block.name] = seen
    return found


def _source_text(body: Iterable[nodes.Node]) -> str:
    """Return the literal text of nodes, with a mark for everything else."""
    return "".join(
        part.data if isinstance(part, nodes.TemplateData) else "\0"
        for node in body
        for part in (node.nodes if isinstance(node, nodes.Output) else [node])
    )
