"""A reader of an app's Jinja templates: what their source says, without rendering any.

The environment's own parser gives the syntax tree, as it knows the app's delimiters and
extensions. How blocks find their content is worked out here.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, TypeVar, cast

from jinja2 import Environment, TemplateNotFound, TemplateSyntaxError, nodes

from ..core.errors import Broken, Untested
from ..core.own import is_library, note_root
from .html import Page

if TYPE_CHECKING:
    import flask

T = TypeVar("T")

#: Filters whose output has no character that means something to an HTML parser.
PLAIN_FILTERS = frozenset(("count", "float", "int", "length", "round", "urlencode", "wordcount"))
ESCAPING_FILTERS = PLAIN_FILTERS | {"e", "escape", "forceescape", "tojson"}

#: Ways through a block that are looked at.
MOST_PATHS = 64

#: Stands in a composed page's text before what depends on a test.
BRANCH = "\x01"

#: Statements that show nothing, whatever is in them.
_SILENT = (nodes.Assign, nodes.AssignBlock, nodes.ExprStmt, nodes.FromImport, nodes.Import)
_REFERRING = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)


@dataclasses.dataclass(frozen=True)
class Template:
    """A template as it was read; a broken one has a source that is no template."""

    name: str
    source: str
    file: str | None
    tree: nodes.Template
    broken: bool = False

    def at(self, node: nodes.Node | None) -> str:
        """Return the template's name and the line of a node, as failures name a place."""
        return f"{self.name}, line {node.lineno}" if node is not None else self.name

    @functools.cached_property
    def parent_tag(self) -> nodes.Extends | None:
        """The extends tag that always applies; None where there is none, or a condition."""
        tags = list(self.tree.find_all(nodes.Extends))
        found = next((node for node in self.tree.body if isinstance(node, nodes.Extends)), None)
        return found if all(tag in self.tree.body for tag in tags) else None

    @functools.cached_property
    def blocks(self) -> dict[str, nodes.Block]:
        """The blocks that it defines, nested ones too."""
        return {block.name: block for block in self.tree.find_all(nodes.Block)}


def in_request(app: flask.Flask, ask: Callable[[], T], *known: type[Exception]) -> T:
    """Return what a call gives in a request; its `known` exceptions are raised at once.

    Where it raises another one, what the app does before each request is done first.
    """
    with app.test_request_context():
        try:
            return ask()
        except known:
            raise
        except Exception:
            app.preprocess_request()
            return ask()


class Library:
    """The templates of an app, each read once, as while a request is answered.

    `own` has those that are the app's: files of installed packages are left out,
    except those of the package that the app is, and `patterns` (shell patterns; `!` before
    one excludes) says which of the others are looked at. Raises `Untested` where there are none.
    """

    def __init__(self, app: flask.Flask, patterns: Iterable[str]) -> None:
        self.app = app
        self.env: Environment = app.jinja_env
        self._read: dict[str, Template | None] = {}
        found = (self.get(name) for name in self._names(list(patterns)))
        note_root(app.root_path)
        # What is installed as one module has its templates beside it.
        if not os.path.isabs(app.template_folder or ""):
            note_root(os.path.join(app.root_path, app.template_folder or ""))
        self.own = {t.name: t for t in found if t is not None and not is_library(t.file or "")}
        if not self.own:
            raise Untested("the app has no template of its own that templates names")

    def _names(self, patterns: list[str]) -> list[str]:
        wanted = [pattern for pattern in patterns if not pattern.startswith("!")]
        left_out = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
        try:
            names = in_request(self.app, self.env.list_templates, TypeError)
        except TypeError:
            # Such a loader gives what it is asked for, and cannot say what there is.
            names = [pattern for pattern in wanted if not set(pattern) & set("*?[")]
            if not names:
                raise Untested(
                    "the loader cannot list its templates: name them in templates"
                ) from None
        except Exception as error:
            raise Broken(
                f"the template loader raised {type(error).__name__} when asked for names: {error}"
            ) from None
        return [
            name
            for name in names
            if any(fnmatchcase(name, pattern) for pattern in wanted)
            and not any(fnmatchcase(name, pattern) for pattern in left_out)
        ]

    def get(self, name: str) -> Template | None:
        """Return a template by its name; None where no loader has it, or not as text."""
        if name not in self._read:
            self._read[name] = self._load(name)
        return self._read[name]

    def _load(self, name: str) -> Template | None:
        loader = self.env.loader
        try:
            source, file, _ = in_request(
                self.app,
                lambda: loader.get_source(self.env, name),  # type: ignore[union-attr]
                TemplateNotFound,
                UnicodeDecodeError,
            )
        except (TemplateNotFound, UnicodeDecodeError):
            return None
        except Exception as error:
            raise Broken(
                f"the template loader raised {type(error).__name__} for {name!r}: {error}"
            ) from None
        try:
            tree = self.env.parse(source, name, file)
        except TemplateSyntaxError:
            # A clause of its own finds that; to the others this is an empty template.
            return Template(name, source, file, nodes.Template([], lineno=1), broken=True)
        return Template(name, source, file, tree)

    def compile_error(self, template: Template) -> str | None:
        """Say why a template cannot be compiled; None where it can."""
        try:
            self.env.compile(template.source, template.name, template.file)
        except TemplateSyntaxError as error:
            return f"{error.message} (line {error.lineno})"
        return None

    def named(self, template: Template, expression: nodes.Expr) -> list[list[str]]:
        """Return the names that a tag refers to: of each group the first that exists is taken.

        Empty where only rendering tells.
        """
        if isinstance(expression, nodes.CondExpr):
            otherwise = expression.expr2
            first = self.named(template, expression.expr1)
            return first + (self.named(template, otherwise) if otherwise is not None else [])
        items = (
            expression.items if isinstance(expression, nodes.List | nodes.Tuple) else [expression]
        )
        names = [item.value for item in items if isinstance(item, nodes.Const)]
        if len(names) < len(items) or not all(isinstance(name, str) for name in names):
            return []
        return [[self.env.join_path(name, template.name) for name in names]]

    def missing(self, template: Template) -> Iterator[tuple[nodes.Node, str]]:
        """Yield the tags of a template that refer to one that no loader has, and its name."""
        for node in template.tree.find_all(_REFERRING):
            if getattr(node, "ignore_missing", False):
                continue
            for names in self.named(template, cast(Any, node).template):
                if not any(self.get(name) for name in names):
                    yield node, " or ".join(map(repr, names))

    def blind_macros(self, template: Template) -> Iterator[tuple[nodes.Node, str, str, str]]:
        """Yield the macros that a template imports without the context, and that use a name of it.

        Each as the tag, the macro's template, its name, and the name that it cannot see.
        """
        tags: Iterator[Any] = template.tree.find_all((nodes.Import, nodes.FromImport))
        for tag in tags:
            if tag.with_context:
                continue
            groups = self.named(template, tag.template)
            found = next((t for names in groups for n in names if (t := self.get(n))), None)
            if found is None or found.broken:
                continue
            if isinstance(tag, nodes.FromImport):
                used = {name if isinstance(name, str) else name[0] for name in tag.names}
            else:
                reads = template.tree.find_all(nodes.Getattr)
                used = {read.attr for read in reads if _is_name(read.node, tag.target)}
            macros = {macro.name: macro for macro in found.tree.find_all(nodes.Macro)}
            known = {*self.env.globals, *_bound(found.tree)}
            waiting = sorted(used & set(macros))
            seen = set(waiting)
            while waiting:
                name = waiting.pop()
                lacking, called = _free(macros[name]), set(macros)
                waiting += sorted(lacking & called - seen)
                seen |= lacking & called
                for each in sorted(lacking - known):
                    yield tag, found.name, name, each

    def parent(self, template: Template) -> Template | None:
        """Return what a template extends; None where nothing does, or only rendering tells."""
        tag = template.parent_tag
        groups = self.named(template, tag.template) if tag is not None else []
        if len(groups) != 1:
            return None
        return next((found for found in map(self.get, groups[0]) if found is not None), None)

    def lineage(self, template: Template) -> list[Template]:
        """Return the template and what it extends, as far as the source tells.

        A template that extends itself comes again at the end.
        """
        line = [template]
        while (parent := self.parent(line[-1])) is not None:
            line.append(parent)
            if parent in line[:-1]:
                break
        return line

    def chain(self, template: Template) -> list[Template] | None:
        """Return the template and all that it extends, to the base; None if that is not known."""
        line = self.lineage(template)
        base = line[-1]
        whole = not any(base.tree.find_all(nodes.Extends)) and not any(t.broken for t in line)
        return line if whole else None

    def children(self) -> list[tuple[Template, Composition]]:
        """Return the app's templates that extend others, and how they and their parents compose.

        Those of which only rendering tells what they extend are left out.
        """
        chains = [(template, self.chain(template)) for template in self.own.values()]
        return [(t, Composition(chain)) for t, chain in chains if chain and len(chain) > 1]


class Composition:
    """How the blocks of a template and of those that it extends make one page."""

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
                if _calls(node, "super"):
                    render(name, depth + 1)
                elif isinstance(node, nodes.Getattr) and _is_name(node.node, "self"):
                    render(node.attr, 0)
                elif isinstance(node, nodes.Getitem) and _is_name(node.node, "self"):
                    wanted = node.arg.value if isinstance(node.arg, nodes.Const) else None
                    for each in self.definitions if wanted is None else [wanted]:
                        render(each, 0)
                walk(node.iter_child_nodes(), name, depth)

        walk(self.base.tree.body, "", 0)
        for template in self.chain[:-1]:
            # What stands outside blocks here shows nothing, but may set what blocks show.
            walk((n for n in template.tree.body if not isinstance(n, nodes.Block)), "", 0)
        return seen

    def page(self) -> str:
        """Return the page's whole text (see `block`), with `BRANCH` before what a test decides."""
        return self._text(self.base.tree, "", 0)

    def calls_super(self, name: str) -> bool:
        """Check whether the template's own definition of a block uses the parent's anywhere."""
        calls = self.definitions[name][0].find_all(nodes.Call)
        return any(_calls(call, "super") for call in calls)

    def paths(self, name: str) -> list[tuple[str, bool]]:
        """Return the ways through the template's own definition of a block.

        Each as its own text (see `block`) and whether it uses the parent's; the first ones of
        many.
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
                called = [each for each in node.find_all(nodes.Call) if _calls(each, "super")]
                optional = any(
                    call in each.expr1.find_all(nodes.Call) or call is each.expr1
                    for call in called
                    for each in node.find_all(nodes.CondExpr)
                    if each.expr2 is None
                )
                return [(text, bool(called)), *([(text, False)] if optional else [])]
            if isinstance(node, nodes.Block):
                return [(self._text(self.definitions[node.name][0], node.name, 0), False)]
            return [("", any(_calls(each, "super") for each in node.find_all(nodes.Call)))]

        return [
            (text.replace(BRANCH, ""), used) for text, used in ways(self.definitions[name][0].body)
        ]

    def block(self, name: str, *, inherited: bool = True) -> str:
        """Return a block's text, with its nested blocks and what super() adds (unless told not to).

        All branches follow one another; a word that begins with `expression` stands for each
        expression, the same word for the same one.
        """
        definitions = self.definitions[name]
        text = self._text(definitions[0], name, 0 if inherited else len(definitions))
        return text.replace(BRANCH, "")

    def _text(self, holder: nodes.Node, name: str, depth: int) -> str:
        if id(holder) in self._reading:
            # A block inside of itself has no end, neither here nor when it is rendered.
            return ""
        self._reading.add(id(holder))
        parts = []
        for node in holder.iter_child_nodes():
            if isinstance(node, nodes.TemplateData):
                parts.append(node.data)
            elif isinstance(node, nodes.Block):
                parts.append(self._text(self.definitions[node.name][0], node.name, 0))
            elif _calls(node, "super"):
                above = self.definitions.get(name, [])[depth + 1 :]
                parts.append(self._text(above[0], name, depth + 1) if above else "")
            elif isinstance(node, nodes.Expr):
                if not isinstance(holder, nodes.Output):
                    continue
                parts.append(f"expression{hashlib.sha1(repr(node).encode()).hexdigest()[:12]}")
            elif not isinstance(node, (*_SILENT, nodes.Macro)):
                parts.append(BRANCH * isinstance(node, nodes.If) + self._text(node, name, depth))
        self._reading.discard(id(holder))
        return "".join(parts)


def _bound(node: nodes.Node) -> set[str]:
    """Return the names that are given a value somewhere in a part of a template."""
    found = {name.name for name in node.find_all(nodes.Name) if name.ctx != "load"}
    found |= {macro.name for macro in node.find_all(nodes.Macro)}
    found |= {tag.target for tag in node.find_all(nodes.Import)}
    for tag in node.find_all(nodes.FromImport):
        found |= {name if isinstance(name, str) else name[1] for name in tag.names}
    return found


def _free(macro: nodes.Macro) -> set[str]:
    """Return the names that a macro reads and does not get; not those that may be missing."""
    names = {name.name for name in macro.find_all(nodes.Name) if name.ctx == "load"}
    asked = {
        name.name
        for node in macro.find_all((nodes.Test, nodes.Filter))
        if node.name in ("defined", "undefined", "default", "d")
        for name in node.find_all(nodes.Name)
    }
    own = {"caller", "varargs", "kwargs", "loop", "self", "super"}
    inner = {name for part in macro.body for name in _bound(part)}
    return names - asked - own - inner - {argument.name for argument in macro.args}


def without_placeholders(text: str) -> str:
    """Return text of a block (see `Composition.block`) as a person would quote it."""
    return re.sub(r"expression[0-9a-f]{12}", "{{ ... }}", text)


def _is_name(node: nodes.Node, name: str) -> bool:
    return isinstance(node, nodes.Name) and node.name == name


def _calls(node: nodes.Node, name: str) -> bool:
    return isinstance(node, nodes.Call) and _is_name(node.node, name)


def comment_before_extends(template: Template) -> str | None:
    """Return the HTML comment that stands before the extends tag of a child."""
    for node in template.tree.body:
        if node is template.parent_tag or not isinstance(node, nodes.Output):
            break
        for part in node.nodes:
            if isinstance(part, nodes.TemplateData) and (text := part.data.strip()):
                return text
    return None


def misplaced_extends(template: Template) -> tuple[nodes.Node, str] | None:
    """Return what stands before the extends tag of a child, or a second such tag, and its name."""
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
        # A comment for readers of the source is lost on purpose.
        if data := re.sub(r"<!--.*?-->", "", part.data, flags=re.DOTALL).strip():
            return f"the text {data[:40]!r}"
    return None


def _tag(node: nodes.Node) -> str:
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).lower()
    name = {"assign": "set", "assign block": "set", "from import": "from"}.get(name, name)
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name} tag"


def outside_blocks(template: Template) -> Iterator[tuple[nodes.Node, str]]:
    """Yield what a child has outside of its blocks and shows nothing there, or in a wrong place."""

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
            elif not isinstance(node, (*_SILENT, nodes.Macro, nodes.Extends)):
                yield node, _tag(node)

    tag = template.parent_tag
    if tag is not None:
        yield from look(template.tree.body[template.tree.body.index(tag) :], "")


def unscoped_blocks(template: Template) -> Iterator[tuple[nodes.Block, str]]:
    """Yield the blocks that use a variable of the loop or with tag around them, unseen by them."""

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
        for child in node.iter_child_nodes():
            yield from look(child, bound)

    yield from look(template.tree, frozenset())


def _names(node: nodes.Node) -> list[nodes.Name]:
    return [node] if isinstance(node, nodes.Name) else list(node.find_all(nodes.Name))


def url_calls(template: Template) -> Iterator[tuple[nodes.Call, str, set[str] | None]]:
    """Yield the calls of `url_for` that name an endpoint: the call, it, and the values' names.

    The names are None where a call spreads a mapping. Calls that depend on the
    configuration are left out: their endpoint may be registered elsewhere only.
    """

    def look(node: nodes.Node) -> Iterator[nodes.Call]:
        if isinstance(node, nodes.If | nodes.CondExpr):
            tested = {name.name for name in _names(node.test)}
            if tested & {"config", "current_app"}:
                return
        if isinstance(node, nodes.Call) and _calls(node, "url_for"):
            yield node
        for child in node.iter_child_nodes():
            yield from look(child)

    for call in look(template.tree):
        first = call.args[0] if call.args else None
        if isinstance(first, nodes.Const) and isinstance(first.value, str):
            names = {keyword.key for keyword in call.kwargs}
            yield call, first.value, None if call.dyn_kwargs is not None else names


def is_html(template: Template) -> bool:
    """Check whether a template is of an HTML page or a part of one, by its name or its markup."""
    ends = template.name.rpartition("/")[2].lower().split(".")[1:]
    kinds = [end for end in ends if end not in ("j2", "jinja", "jinja2", "tmpl", "tpl", "template")]
    if kinds:
        return kinds[-1] in ("htm", "html", "xhtml")
    text = "".join(data.data for data in template.tree.find_all(nodes.TemplateData))
    tags = r"<(?:!doctype html|(?:html|body|div|p|span|a|ul|ol|table|form|h[1-6]|section)[\s>])"
    return re.search(tags, text, re.IGNORECASE) is not None


def unescaped(env: Environment, template: Template) -> nodes.Expr | None:
    """Yield the first expression that a template shows as it is, as its name turns escaping off."""
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
                # Only blocks begin anew in what is around them.
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
    """Check whether an expression's text can hold no space, quote or bracket with a meaning."""
    if part is None or isinstance(part, nodes.Const | nodes.Compare | nodes.Not | nodes.Test):
        return True
    if isinstance(part, nodes.Filter):
        return part.name in filters
    if isinstance(part, nodes.Getattr):
        return _is_name(part.node, "loop")
    if isinstance(part, nodes.CondExpr):
        return _plain(part.expr1, filters) and _plain(part.expr2, filters)
    if isinstance(part, nodes.Add | nodes.Sub | nodes.Mul):
        return _plain(part.left, filters) and _plain(part.right, filters)
    return isinstance(part, nodes.Call) and _calls(part, "url_for")


@dataclasses.dataclass(frozen=True)
class Place:
    """Where in HTML a piece of a template ends: `mode` is what is read there, or the open quote."""

    mode: str = "text"
    tag: str = ""

    def after(self, text: str) -> Place:
        """Return the place after more text."""
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


def unquoted(template: Template) -> list[nodes.Expr]:
    """Return the expressions that are, or are in, an attribute's value without quotes."""
    found: list[nodes.Expr] = []

    def read(body: Iterable[nodes.Node], place: Place) -> Place:
        for node in body:
            if isinstance(node, nodes.Output):
                place = shown(node, place)
            elif isinstance(node, nodes.If):
                # Each branch goes on from the same place, and all end in the same.
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
    """Return the text that the blocks of a layout show if left alone, as far as no test decides.

    By block, in pieces as a reader of the page sees them. Blocks inside others are left
    out: who overrides the outer one may leave them out too.
    """
    found: dict[str, list[str]] = {}
    before = ""
    for block in layout.tree.body:
        if not isinstance(block, nodes.Block):
            before += _source_text([block])
        # What stands inside a tag is the value of an attribute, which no reader sees.
        elif before.rfind("<") <= before.rfind(">"):
            text = _source_text(block.body)
            pieces = (" ".join(piece.split()) for piece in Page(text).text.split("\0"))
            if seen := [piece for piece in pieces if len(piece) > 2]:
                found[block.name] = seen
    return found


def _source_text(body: Iterable[nodes.Node]) -> str:
    """Return the text that nodes have in the source, with a mark for each thing else."""
    return "".join(
        part.data if isinstance(part, nodes.TemplateData) else "\0"
        for node in body
        for part in (node.nodes if isinstance(node, nodes.Output) else [node])
    )
