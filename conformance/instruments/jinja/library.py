"""The templates of an app, each read once.

The environment's own parser provides the syntax tree, as it knows the app's delimiters and
extensions.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, TypeVar, cast

from jinja2 import Environment, TemplateNotFound, TemplateSyntaxError, nodes

from ...core.errors import Broken, Untested
from ...core.own import is_library, note_root
from .composition import Composition
from .template import Template, bound_names, free_names, is_name

if TYPE_CHECKING:
    import flask

T = TypeVar("T")

_REFERRING = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)


#: How many syntax trees are cached.
KEPT = 2000

#: The settings of an environment that define how a template is written.
_DELIMITERS = (
    "block_start_string",
    "block_end_string",
    "variable_start_string",
    "variable_end_string",
    "comment_start_string",
    "comment_end_string",
    "line_statement_prefix",
    "line_comment_prefix",
    "trim_blocks",
    "lstrip_blocks",
    "newline_sequence",
    "keep_trailing_newline",
)

_kept: dict[tuple[object, ...], Template] = {}


def in_request(app: flask.Flask, ask: Callable[[], T], *known: type[Exception]) -> T:
    """Return what a call returns in a request; its `known` exceptions are raised immediately.

    If it raises any other, the app's before-request functions are run first.
    """
    with app.test_request_context():
        try:
            return ask()
        except known:
            raise
        except Exception:
            app.preprocess_request()
            return ask()


def _dialect(env: Environment) -> tuple[object, ...]:
    """Return everything that determines the syntax tree of a source."""
    extensions = tuple(sorted(map(type, env.extensions.values()), key=repr))
    return type(env), extensions, tuple(getattr(env, name, None) for name in _DELIMITERS)


class Library:
    """The templates of an app, each read once, as if in a request.

    Parsed templates are cached for later clauses, whose apps have the same ones.

    `own` has the app's templates: files of installed packages are excluded, except those of the
    app's own package, and `patterns` (shell patterns; a leading `!` excludes) selects among the
    others. Raises `Untested` if there are none.
    """

    def __init__(self, app: flask.Flask, patterns: Iterable[str]) -> None:
        self.app = app
        self.env: Environment = app.jinja_env
        self._dialect = _dialect(self.env)
        self._read: dict[str, Template | None] = {}
        names = self._names(list(patterns))
        self._load(names)
        found = map(self.get, names)
        note_root(app.root_path)
        # What is installed as a single module has its templates next to it.
        if not os.path.isabs(app.template_folder or ""):
            note_root(os.path.join(app.root_path, app.template_folder or ""))
        self.own = {t.name: t for t in found if t is not None and not is_library(t.file or "")}
        if not self.own:
            raise Untested("the app has no templates of its own that `templates` matches")

    def _names(self, patterns: list[str]) -> list[str]:
        wanted = [pattern for pattern in patterns if not pattern.startswith("!")]
        left_out = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
        try:
            names = in_request(self.app, self.env.list_templates, TypeError)
        except TypeError:
            # Such a loader returns what it is asked for, but cannot list its templates.
            names = [pattern for pattern in wanted if not set(pattern) & set("*?[")]
            if not names:
                raise Untested(
                    "the loader cannot list its templates: name them in templates"
                ) from None
        except Exception as error:
            raise Broken(
                f"the template loader raised {type(error).__name__} listing its templates: {error}"
            ) from None
        return [
            name
            for name in names
            if any(fnmatchcase(name, pattern) for pattern in wanted)
            and not any(fnmatchcase(name, pattern) for pattern in left_out)
        ]

    def get(self, name: str) -> Template | None:
        """Return a template by its name; None if no loader has it, or not as text."""
        if name not in self._read:
            self._load([name])
        return self._read[name]

    def _load(self, names: Iterable[str]) -> None:
        """Read templates, all in one request: a session and a context for each is slower."""
        loader = self.env.loader
        reading = ""

        def read() -> None:
            nonlocal reading
            for reading in names:
                try:
                    source, file, _ = loader.get_source(self.env, reading)  # type: ignore[union-attr]
                except (TemplateNotFound, UnicodeDecodeError):
                    self._read[reading] = None
                else:
                    self._read[reading] = self._parsed(reading, source, file)

        try:
            in_request(self.app, read)
        except Exception as error:
            raise Broken(
                f"the template loader raised {type(error).__name__} for {reading!r}: {error}"
            ) from None

    def _parsed(self, name: str, source: str, file: str | None) -> Template:
        key = (self._dialect, name, source, file)
        if (template := _kept.get(key)) is None:
            if len(_kept) == KEPT:
                _kept.clear()
            template = _kept[key] = self._parse(name, source, file)
        return template

    def _parse(self, name: str, source: str, file: str | None) -> Template:
        try:
            tree = self.env.parse(source, name, file)
        except TemplateSyntaxError:
            # A separate clause finds that; for the others this is an empty template.
            return Template(name, source, file, nodes.Template([], lineno=1), broken=True)
        # It outlives the app.
        tree.set_environment(cast(Any, None))
        return Template(name, source, file, tree)

    def compile_error(self, template: Template) -> str | None:
        """Return why a template cannot be compiled; None if it can."""
        tree = template.tree
        source: Any = template.source if template.broken else tree.set_environment(self.env)
        try:
            # Only up to Python source code, which is Jinja's own concern.
            self.env.compile(source, template.name, template.file, raw=True)
        except TemplateSyntaxError as error:
            return f"{error.message} (line {error.lineno})"
        finally:
            tree.set_environment(cast(Any, None))
        return None

    def named(self, template: Template, expression: nodes.Expr) -> list[list[str]]:
        """Return the names that a tag refers to: of each group the first existing one is used.

        Empty if only rendering can tell.
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
        """Yield the tags of a template that refer to a missing one, and its name."""
        for node in template.tree.find_all(_REFERRING):
            if getattr(node, "ignore_missing", False):
                continue
            for names in self.named(template, cast(Any, node).template):
                if not any(self.get(name) for name in names):
                    yield node, " or ".join(map(repr, names))

    def blind_macros(self, template: Template) -> Iterator[tuple[nodes.Node, str, list[str], str]]:
        """Yield the macros imported without context that nevertheless use a context variable.

        Each as the tag, the macro's template, the imported macro and those that it calls, down to
        the one that uses the variable, and the name that it cannot see.
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
                used = {read.attr for read in reads if is_name(read.node, tag.target)}
            macros = {macro.name: macro for macro in found.tree.find_all(nodes.Macro)}
            known = {*self.env.globals, *bound_names(found.tree)}
            waiting = sorted(used & set(macros))
            calls = {name: [name] for name in waiting}
            while waiting:
                name = waiting.pop()
                lacking, called = free_names(macros[name]), set(macros)
                for each in sorted(lacking & called - calls.keys()):
                    waiting.append(each)
                    calls[each] = [*calls[name], each]
                for each in sorted(lacking - known):
                    yield tag, found.name, calls[name], each

    def parent(self, template: Template) -> Template | None:
        """Return what a template extends; None if it extends nothing or only rendering can tell."""
        tag = template.parent_tag
        groups = self.named(template, tag.template) if tag is not None else []
        if len(groups) != 1:
            return None
        return next((found for found in map(self.get, groups[0]) if found is not None), None)

    def lineage(self, template: Template) -> list[Template]:
        """Return the template and its ancestors, as far as the source tells.

        A template that extends itself is repeated at the end.
        """
        line = [template]
        while (parent := self.parent(line[-1])) is not None:
            line.append(parent)
            if parent in line[:-1]:
                break
        return line

    def chain(self, template: Template) -> list[Template] | None:
        """Return the template and all its ancestors, down to the base; None if they are unknown."""
        line = self.lineage(template)
        base = line[-1]
        whole = not any(base.tree.find_all(nodes.Extends)) and not any(t.broken for t in line)
        return line if whole else None

    def children(self) -> list[tuple[Template, Composition]]:
        """Return the app's templates that extend others, each with its composition.

        Those whose parent only rendering can tell are ignored.
        """
        chains = [(template, self.chain(template)) for template in self.own.values()]
        return [(t, Composition(chain)) for t, chain in chains if chain and len(chain) > 1]
