"""Template Inheritance: a base has what all pages share, and children fill its blocks."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import inspect
import re
import sqlite3
import sys
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, cast
from urllib.parse import quote, urljoin, urlsplit

from pydantic import Field

from ..core.errors import Broken, NotObserved, Untested
from ..instruments.html import VOID, Element, Page, normal
from ..subject.config import Binding, Route
from ..transports import Client, Request, Response
from . import Pattern
from .harness import Harness, Probe

if TYPE_CHECKING:
    import flask
    from jinja2 import BaseLoader
    from werkzeug.routing import Rule

    from ..instruments.jinja import Composition, Library, Template

#: Elements whose end tag may be omitted in HTML.
_OPEN_ENDED = frozenset(
    """html head body p li dt dd rt rp option optgroup colgroup caption
    thead tbody tfoot tr td th""".split()  # noqa: SIM905
)
_MARKUP = ("text/html", "application/xhtml+xml")

#: How a browser requests a page; an app may send JSON to other clients.
_AS_PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_LINKING = {"a": "href", "form": "action", "img": "src", "link": "href", "script": "src"}

#: The element that hostile text creates if it is not escaped; no page has it otherwise.
INTRUDER = "conformance-intruder"
#: Harmless text, to see where a page shows it.
PLAIN = "conformanceplaintext"
#: Closes whatever the text may be inside of.
BREAKOUT = f"\"'></title></textarea></style></script>--><{INTRUDER}>"
#: How many of a view's texts are tried.
MOST_TEXTS = 40
#: What a changed layout outputs at its end.
MARKER = "conformance-layout-changed"


class TemplateInheritance(Binding):
    """How a subject exposes its templates; without any key, all of a Flask app's own."""

    templates: tuple[str, ...] = ("*",)
    """Names of the app's templates to read, as shell patterns; a leading `!` excludes."""
    replaced: tuple[str, ...] = ()
    """Blocks that children are supposed to replace entirely, with their styles and scripts."""
    pages: Annotated[list[Route], Field(min_length=1)] | None = None
    """Pages with different titles, each of which shows the layout."""
    layout: str | None = None
    """The name of the template that the pages extend."""
    trusted: tuple[str, ...] = ()
    """Variables with markup that the app itself has built; pass `Markup` instead if you can."""
    missing: Route | None = None
    """A path that the app's own 404 page responds to."""


@dataclasses.dataclass(frozen=True)
class Spot:
    """A text that a view passes to a page: the page's index and the place in the context."""

    page: int
    keys: tuple[object, ...]

    def __str__(self) -> str:
        first, *rest = self.keys
        return str(first) + "".join(f"[{key!r}]" for key in rest)


@dataclasses.dataclass(frozen=True)
class Reflected:
    """A text from the request: a field of a page's query, or with None an unknown path."""

    path: str
    field: str | None = None

    def target(self, text: str) -> str:
        """Return the target that contains a text."""
        if self.field is None:
            return self.path.rpartition("/")[0] + "/" + quote(text, safe="")
        return Request.build(target=self.path, query=[(self.field, text)]).target


class Document(Page):
    """A parsed page, with what a browser would have to guess about it."""

    def __init__(self, text: str) -> None:
        self.doctypes = 0
        self.early: str | None = None
        #: Tags that do not match, each with its line.
        self.mismatches: list[str] = []
        self._lines: dict[int, int] = {}
        super().__init__(text.removeprefix("\ufeff"))

    def handle_decl(self, decl: str) -> None:
        """Count a doctype (called by the parser)."""
        # One of another kind, as of a picture that is put in whole, is no page's.
        self.doctypes += decl.lower().split()[:2] == ["doctype", "html"]

    def handle_data(self, data: str) -> None:
        """Handle text (called by the parser)."""
        if not self.doctypes and data.strip() and self.early is None:
            self.early = data.strip()[:40]
        super().handle_data(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element and record its line (called by the parser)."""
        if not self.doctypes and self.early is None:
            self.early = f"<{tag}>"
        super().handle_starttag(tag, attrs)
        if tag not in VOID:
            self._lines[id(self._open[-1])] = self.getpos()[0]

    def handle_endtag(self, tag: str) -> None:
        """Close an element and record mismatches (called by the parser)."""
        line = self.getpos()[0]
        names = [element.tag for element in self._open]
        if tag not in VOID and not {"textarea", "title"} & set(names) - {tag}:
            if tag not in names:
                self.mismatches.append(f"</{tag}> in line {line} of the page closes nothing")
            else:
                last = len(names) - 1 - names[::-1].index(tag)
                self._note_unclosed(self._open[last + 1 :], f"at </{tag}>, line {line} of the page")
        super().handle_endtag(tag)

    def close(self) -> None:
        """Record what is still open (called at the end)."""
        super().close()
        self._note_unclosed(self._open[1:], "at the end")

    def _note_unclosed(self, elements: Sequence[Element], where: str) -> None:
        self.mismatches += [
            f"<{element.tag}> in line {self._lines[id(element)]} of the page is still open {where}"
            for element in elements
            if element.tag not in _OPEN_ENDED
        ]

    def elements(self, tag: str) -> list[Element]:
        """Return the elements with that tag, except those in SVG drawings."""
        drawn = {id(inner) for drawing in self.find("svg") for inner in drawing.walk()}
        return [element for element in self.find(tag) if id(element) not in drawn]

    @property
    def title(self) -> str:
        """The text of the page's title, with whitespace normalised."""
        return normal("".join(element.text for element in self.elements("title")))

    def skeleton_faults(self) -> list[str]:
        """Return what is wrong with the skeleton, of whose tags HTML requires only the title's."""
        faults = []
        if self.early is not None:
            faults.append(f"{self.early!r} before any doctype")
        if self.doctypes != 1:
            faults.append(f"{self.doctypes} doctypes")
        for tag in ("html", "head", "body"):
            if len(self.find(tag)) > 1:
                faults.append(f"{len(self.find(tag))} {tag} elements")
        titles = self.elements("title")
        if len(titles) != 1:
            faults.append(f"{len(titles)} title elements")
        below = [id(inner) for body in self.find("body") for inner in body.walk()]
        if any(id(title) in below for title in titles):
            faults.append("the title in the body")
        return faults

    def links(self) -> list[str]:
        """Return the links and the URLs of resources that stay on the site."""
        found = [e.attributes.get(_LINKING.get(e.tag, ""), "") for e in self.find()]
        return [link for link in found if link.startswith("/") and not link.startswith("//")]

    def resources(self, target: str) -> dict[str, str]:
        """Return the site's own stylesheets and scripts: as written, and resolved from a page."""
        base = next((e.attributes.get("href", "") for e in self.find("base")), "")
        written = [e.attributes.get("href", "") for e in self.find("link") if _styles(e)]
        written += [e.attributes.get("src", "") for e in self.find("script")]
        found = {each: urlsplit(urljoin(urljoin(target, base), each)) for each in written if each}
        return {
            each: parts.path + (f"?{parts.query}" if parts.query else "")
            for each, parts in found.items()
            if not parts.netloc and not parts.scheme
        }

    def furniture(self) -> set[str]:
        """Return what a layout leaves on a page: stylesheets, scripts, and ids outside of forms.

        Forms of several pages may have fields of the same names.
        """
        inside = {id(element) for form in self.find("form") for element in form.walk()}
        return (
            {f"the stylesheet {e.attributes.get('href')}" for e in self.find("link") if _styles(e)}
            | {
                f"the script {e.attributes['src']}"
                for e in self.find("script")
                if "src" in e.attributes
            }
            | {
                f"the id {e.attributes['id']}"
                for e in self.find()
                if "id" in e.attributes and id(e) not in inside
            }
        )


def as_browser(route: Route) -> tuple[tuple[str, str], ...]:
    """Return the headers of a route as a browser sends them for a page."""
    headers = tuple(route.headers.items())
    if any(name.lower() == "accept" for name, _ in headers):
        return headers
    return (*headers, ("Accept", _AS_PAGE))


def _styles(element: Element) -> bool:
    return "stylesheet" in element.attributes.get("rel", "").lower().split()


def assets(text: str) -> set[str]:
    """Return what a part of the head, or of the end of a page, provides for the whole page."""
    found = set()
    for element in Page(text).find():
        attributes = element.attributes
        if element.tag == "title":
            found.add("the title")
        elif element.tag == "meta" and "charset" in attributes:
            found.add("the charset")
        elif element.tag == "meta" and attributes.get("name") == "viewport":
            found.add("the viewport")
        elif element.tag == "link" and _styles(element):
            found.add(f"a stylesheet, {attributes.get('href')}")
        elif element.tag == "link" and "icon" in attributes.get("rel", ""):
            found.add("the icon")
        elif element.tag == "script" and "src" in attributes:
            found.add(f"a script, {attributes['src']}")
        elif element.tag in ("script", "style") and "json" not in attributes.get("type", ""):
            found.add(f"a {element.tag} element, {normal(element.raw)[:40]}")
    return found


def title_of(composition: Composition) -> str | None:
    """Return the title of a template's page from its source; None if only rendering can tell."""
    from ..instruments.jinja import BRANCH

    found = re.search(r"<title[^>]*>(.*?)</title>", composition.page(), re.DOTALL | re.IGNORECASE)
    return None if found is None or BRANCH in found[1] else normal(found[1])


def lacks_own_part(title: str) -> bool:
    """Check whether a title is empty, or only the site's part with the separator."""
    return not title or re.search(r"^[-–—|·:»/]\s|\s[-–—|·:«/]$", title) is not None


class TemplateInheritanceHarness(Harness[TemplateInheritance]):
    """Reads the app's templates, and requests its pages."""

    kind = "routes"

    # Templates, as they are written.

    def library(self) -> Library:
        """Read the app's templates."""
        from ..instruments.jinja import Library

        library = Library(self.flask_app, self.binding.templates)
        self.ledger.call(f"read {len(library.own)} templates")
        return library

    @functools.cached_property
    def endpoints(self) -> dict[str, list[Rule]]:
        """The rules of the app's URL map by endpoint."""
        found: dict[str, list[Rule]] = {}
        for rule in self.flask_app.url_map.iter_rules():
            found.setdefault(rule.endpoint, []).append(rule)
        return found

    def unbuildable(self, endpoint: str, given: set[str] | None) -> str | None:
        """Return why `url_for` cannot build a URL for an endpoint in a template; None if it may.

        A name that starts with a dot belongs to some blueprint. If the app's own functions may
        supply values, only the endpoint counts.
        """
        app = self.flask_app
        if app.url_build_error_handlers:
            return None
        known = self.endpoints
        if endpoint.startswith("."):
            rules = [r for name, all_ in known.items() if name.endswith(endpoint) for r in all_]
            rules += known.get(endpoint[1:], [])
        else:
            rules = known.get(endpoint, [])
        if not rules:
            full = sorted(name for name in known if name.endswith(f".{endpoint}"))
            return "no rule has that endpoint" + (f", but one has {full[0]!r}" if full else "")
        if given is None or any(app.url_default_functions.values()):
            return None
        lacking = [set(rule.arguments) - set(rule.defaults or ()) - given for rule in rules]
        return None if not all(lacking) else f"its rule needs {', '.join(sorted(lacking[0]))}"

    def may_be_absent(self, endpoint: str, template: Template) -> bool:
        """Check whether an endpoint belongs to an unregistered part of the app that no page uses.

        A blueprint that is not registered here may be in another configuration, together with the
        templates that link to it; so may a view that is defined in the app's source.
        """
        blueprint, _, name = endpoint.rpartition(".")
        if blueprint in self.flask_app.blueprints or template.name in self._used:
            return False
        if blueprint:
            return True
        registered = any(known.rpartition(".")[2] == name for known in self.endpoints)
        return not registered and self._is_written(name)

    def _is_written(self, endpoint: str) -> bool:
        """Check whether the app's source has a view, or a rule, for an endpoint."""
        app = self.flask_app
        module = sys.modules.get(app.import_name)
        file = getattr(module, "__file__", None)
        if file is None:
            return False
        files = Path(app.root_path).rglob("*.py") if hasattr(module, "__path__") else [Path(file)]
        name = re.escape(endpoint)
        pattern = re.compile(rf"def {name}\(|endpoint\s*=\s*['\"]{name}['\"]")
        return any(pattern.search(each.read_text("utf-8", "replace")) for each in files)

    @functools.cached_property
    def _used(self) -> set[str]:
        library = self.library()
        rendered = (name for route in self.binding.pages or () for name in self.rendered(route)[1])
        templates = [t for name in rendered if name and (t := library.get(name)) is not None]
        return {each.name for template in templates for each in library.lineage(template)}

    def providers(self) -> dict[str, list[str]]:
        """Return the blueprints that have templates of the same name, by that name.

        Blueprints with identical templates share them, and the app's own template overrides all
        of them. Loaders that cannot list their templates are ignored.
        """
        overridden = self._sources(self.flask_app.jinja_loader)
        found: dict[str, dict[str, str]] = {}
        for blueprint in self.flask_app.iter_blueprints():
            for name, source in self._sources(blueprint.jinja_loader).items():
                found.setdefault(name, {})[source] = blueprint.name
        return {n: list(sources.values()) for n, sources in found.items() if n not in overridden}

    def shadowed(self) -> Iterator[tuple[str, str]]:
        """Yield the templates of blueprints that a page of the app's own takes the place of.

        Each comes with its blueprint. Views of both name it, which tells it from a deliberate
        override: no view of the app's own renders that.
        """
        app = self.flask_app
        own = self._sources(app.jinja_loader)
        views = app.view_functions.items()
        named = {text for name, view in views if "." not in name for text in _texts_of(view)}
        for key, blueprint in app.blueprints.items():
            theirs = {t for name, v in views if name.startswith(f"{key}.") for t in _texts_of(v)}
            for name, source in self._sources(blueprint.jinja_loader).items():
                if name in named & theirs and own.get(name, source) != source:
                    yield name, key

    def _sources(self, loader: BaseLoader | None) -> dict[str, str]:
        """Return the templates of a loader, by name; none if it cannot list them."""
        from ..instruments.jinja import in_request

        def read() -> dict[str, str]:
            found = {}
            for name in _listed(loader):
                with contextlib.suppress(UnicodeDecodeError):
                    source, _, _ = cast("BaseLoader", loader).get_source(app.jinja_env, name)
                    found[name] = source
            return found

        app = self.flask_app
        return in_request(app, read)

    # Pages, as they are served.

    def probes(self) -> Sequence[Probe]:
        """Request each page once."""
        pages = [Probe("pages", page.request()) for page in self.binding.pages or ()]
        missing = self.binding.missing
        return pages + (
            [Probe("missing", missing.request(), wrong=(405,), fails=True)] if missing else []
        )

    def pages(self) -> list[Route]:
        """Return the bound pages, or end the clause as `untested` if there are none."""
        return cast("list[Route]", self.need("pages"))

    def open(self, route: Route, client: Client | None = None, prefix: str = "") -> Response:
        """Request a page, following redirects; raises `Broken` if there is no page."""
        client = client or self.client()
        response = client.follow(
            self.send(client, route, target=prefix + route.path, headers=as_browser(route))
        )
        if response.status != 200 or response.mimetype not in _MARKUP:
            raise Broken(
                f"{route.path} is not a page: {response.status} as {response.mimetype or 'nothing'}"
            )
        return response

    def document(self, route: Route) -> Document:
        """Request a page and parse it."""
        return Document(self.open(route).text)

    def rendered(self, route: Route) -> tuple[Document, list[str]]:
        """Request a page; return it with the names of the templates that rendered it."""
        import flask

        with self.signals(flask.template_rendered) as heard:
            document = self.document(route)
        return document, [values["template"].name for _, values in heard]

    def made_of(self, route: Route) -> str:
        """Say which templates render a page, and what each of them extends; empty if unknown."""
        lines: list[str] = []
        # It only explains a deviation.
        with contextlib.suppress(NotObserved):
            lines += self._made_of(route)
        return f"the page is rendered from {' and '.join(lines)}." if lines else ""

    def _made_of(self, route: Route) -> Iterator[str]:
        library = self.library()
        for name in dict.fromkeys(self.rendered(route)[1]):
            template = library.get(name) if name else None
            if template is None:
                continue
            line = library.lineage(template)
            if len(line) > 1 or any(True for _ in template.extends):
                yield ", which extends ".join(each.name for each in line)
            else:
                yield f"{template.name}, which extends nothing"

    def written(self, text: str) -> str:
        """Say which template of the app has a quoted text in its source; empty if none has."""
        with contextlib.suppress(NotObserved):
            for template in self.library().own.values():
                for number, line in enumerate(template.source.splitlines(), 1):
                    if any(f"{quote}{text}{quote}" in line for quote in "\"'"):
                        return f"{template.name}, line {number}"
        return ""

    def using(self, variable: str) -> str:
        """Say which templates of the app use a variable; empty if none does."""
        from jinja2 import nodes

        found: list[str] = []
        with contextlib.suppress(NotObserved):
            found += (
                template.at(name)
                for template in self.library().own.values()
                for name in template.tree.find_all(nodes.Name)
                if name.name == variable and name.ctx == "load"
            )
        return " and ".join(found[:3])

    def layout(self, library: Library) -> Template:
        """Return the bound layout's base."""
        name = self.need("layout")
        found = library.get(name)
        if found is None:
            raise Broken(f"layout names {name!r}, which is not a template")
        return library.lineage(found)[-1]

    @contextlib.contextmanager
    def changed_layout(self) -> Iterator[None]:
        """Make the layout output `MARKER` at its end while the block runs."""
        from jinja2 import BaseLoader, Environment

        self.inside()
        env = self.flask_app.jinja_env
        name = self.layout(self.library()).name
        original = env.loader

        class Changed(BaseLoader):
            def get_source(
                self, environment: Environment, template: str
            ) -> tuple[str, str | None, Callable[[], bool] | None]:
                source, _, _ = cast(BaseLoader, original).get_source(environment, template)
                # Without its file, so that a cache of compiled templates does not keep this one.
                return source + (f"\n{MARKER}\n" if template == name else ""), None, None

        env.loader = Changed()
        try:
            yield
        finally:
            env.loader = original

    # Text that views pass to pages.

    @functools.cached_property
    def spots(self) -> list[Spot]:
        """Return where the pages show a text that a view passed to them.

        Ends the clause as `untested` if they show none.
        """
        self.inside()
        shown = []
        for index, route in enumerate(self.pages()):
            for keys in self._texts(route):
                spot = Spot(index, keys)
                response = self.open_with(spot, PLAIN)
                if response.status == 200 and PLAIN in response.text:
                    shown.append(spot)
        if not shown:
            raise Untested("no view passes a text to one of the pages that the page shows")
        return shown

    @functools.cached_property
    def reflected(self) -> list[Reflected]:
        """Return where the pages show a text from the request.

        Ends the clause as `untested` if they show none.
        """
        self.pages()
        shown = [each for each in self._reflected() if PLAIN in self.open_with(each, PLAIN).text]
        if not shown:
            raise Untested("no page shows a text from its request")
        return shown

    def _reflected(self) -> Iterator[Reflected]:
        if self.binding.missing is not None:
            yield Reflected(self.binding.missing.path)
        for route in self.pages():
            if route.method != "GET":
                continue
            forms = Page(self.send(self.client(), route).text).find("form")
            fields = {
                each.attributes["name"]: None
                for form in forms
                if form.attributes.get("method", "get").lower() == "get"
                and urljoin(route.path, form.attributes.get("action") or "") == route.path
                for each in form.walk()
                if each.tag in ("input", "textarea") and each.attributes.get("name")
            }
            for name in dict.fromkeys([*route.query, *fields]):
                yield Reflected(route.path, name)

    def where(self, spot: Spot | Reflected) -> str:
        """Return a description of a spot and its page, for a failure."""
        if isinstance(spot, Spot):
            return f"the variable `{spot}`, which a view passes to {self.pages()[spot.page].path},"
        if spot.field is None:
            return "the path of a request for a page that does not exist"
        return f"the query field `{spot.field}` of {spot.path}"

    def unescaped_by(self, spot: Spot | Reflected, text: str) -> str:
        """Say what keeps a text from being escaped, where that is found; empty if it is not."""
        with contextlib.suppress(NotObserved):
            return self._unescaped_by(spot, text)
        return ""

    def _unescaped_by(self, spot: Spot | Reflected, text: str) -> str:
        import flask
        from markupsafe import Markup

        from ..instruments.jinja import marked_safe

        with self.signals(flask.template_rendered) as heard:
            self.open_with(spot, text)
        library = self.library()
        variable = spot.keys[0] if isinstance(spot, Spot) else None
        for _, values in heard:
            name, context = values["template"].name, values["context"]
            for key, value in context.items():
                if isinstance(value, Markup) and f"<{INTRUDER}>" in value:
                    return f"{name} gets it in `{key}` as Markup, which is not escaped."
            first = library.get(name) if name else None
            for template in library.lineage(first) if first is not None else ():
                node = marked_safe(template, variable)
                if node is not None:
                    return f"{template.at(node)} turns escaping off: {template.line(node)[:80]}"
        return ""

    def _texts(self, route: Route) -> list[tuple[object, ...]]:
        found: list[tuple[object, ...]] = []

        def look(context: dict[str, object]) -> None:
            found.extend(
                keys
                for name, value in context.items()
                if name not in ("config", "g", "request", "session", *self.binding.trusted)
                for keys in _texts_in(value, (name,))
            )

        self._with_context(route, look)
        return list(dict.fromkeys(found))[:MOST_TEXTS]

    def open_with(self, spot: Spot | Reflected, text: str) -> Response:
        """Request a page whose view passes it a different text at a spot."""
        if isinstance(spot, Reflected):
            client = self.client()
            return client.follow(client.get(spot.target(text)))

        def change(context: dict[str, object]) -> None:
            first, *rest = spot.keys
            if first in context:
                context[first] = _with_text(context[first], rest, text)

        return self._with_context(self.pages()[spot.page], change)

    def _with_context(self, route: Route, act: Callable[[dict[str, object]], None]) -> Response:
        import flask

        def receive(sender: object, context: dict[str, object], **values: object) -> None:
            act(context)

        client = self.client()
        # No request can repeat what a view is made to pass here.
        client.repeatable = False
        with flask.before_render_template.connected_to(receive, sender=self.flask_app):
            return client.follow(self.send(client, route))

    # Errors.

    def missing_page(self) -> Response:
        """Request the bound path that does not exist."""
        route = cast(Route, self.need("missing"))
        client = self.client()
        return client.follow(self.send(client, route, headers=as_browser(route)))

    def crashed_page(self) -> Response | None:
        """Make the first page's view fail; None if the app does not answer that with a page."""
        import flask

        if not self.bench.transport.same_process:
            return None
        app = self.flask_app
        route = self.pages()[0]
        request = Request.build(route.method, route.path, headers=as_browser(route))
        _, scopes = self.send_and_look(self.client(), request, lambda: flask.request.blueprints)
        if not any(_handles_crashes(app, scope) for scope in (None, *(scopes or ()))):
            return None

        def fail(**values: object) -> NoReturn:
            raise RuntimeError("a view that fails")

        views, propagate = dict(app.view_functions), app.config["PROPAGATE_EXCEPTIONS"]
        app.view_functions.update(dict.fromkeys(views, fail))
        app.config["PROPAGATE_EXCEPTIONS"] = False
        try:
            return self.send(self.client(), route, headers=as_browser(route))
        finally:
            app.view_functions.update(views)
            app.config["PROPAGATE_EXCEPTIONS"] = propagate

    def answers(self, link: str) -> bool:
        """Check whether the app has a rule for a path without the prefix that it is mounted at."""
        from werkzeug.exceptions import HTTPException

        try:
            self.flask_app.url_map.bind("localhost").match(urlsplit(link).path)
        except HTTPException as error:
            return error.code != 404
        return True


def _texts_of(view: Any) -> set[str]:
    """Return the string constants of a view function, or of a view class."""
    holder = getattr(view, "view_class", None)
    values = list(vars(holder).values()) if holder is not None else [inspect.unwrap(view)]
    found = {value for value in values if isinstance(value, str)}
    codes = [value.__code__ for value in values if isinstance(value, types.FunctionType)]
    for code in codes:
        for constant in code.co_consts:
            if isinstance(constant, str):
                found.add(constant)
            elif isinstance(constant, types.CodeType):
                codes.append(constant)
    return found


def _listed(loader: BaseLoader | None) -> list[str]:
    try:
        return loader.list_templates() if loader is not None else []
    except TypeError:
        return []


def _handles_crashes(app: flask.Flask, scope: str | None) -> bool:
    from werkzeug.exceptions import HTTPException

    handlers: Mapping[int | None, Mapping[type, object]] = app.error_handler_spec.get(scope, {})
    general = handlers.get(None, {})
    return bool(handlers.get(500) or Exception in general or HTTPException in general)


def _texts_in(value: object, keys: tuple[object, ...]) -> Iterator[tuple[object, ...]]:
    value = _readable(value)
    # Markup is text that the view vouches for; a subclass of str may be anything.
    if type(value) is str:
        yield keys
    elif len(keys) < 4 and isinstance(value, dict | list | tuple):
        items = value.items() if isinstance(value, dict) else list(enumerate(value))[:3]
        for key, item in items:
            yield from _texts_in(item, (*keys, key))


def _with_text(value: Any, keys: Sequence[Any], text: str) -> object:
    """Return a copy of a value with a text at the place that the keys lead to."""
    if not keys:
        return text
    value = _readable(value)
    key, *rest = keys
    if isinstance(value, dict):
        return {**value, key: _with_text(value[key], rest, text)} if key in value else value
    if isinstance(value, list | tuple) and key < len(value):
        items = list(value)
        items[key] = _with_text(items[key], rest, text)
        return items if isinstance(value, list) else tuple(items)
    return value


def _readable(value: object) -> object:
    """Return a database row as a dict; anything else unchanged."""
    return dict(value) if isinstance(value, sqlite3.Row) else value


pattern = Pattern(
    slug="templateinheritance",
    title="Template Inheritance",
    sections={
        "": "Template Inheritance",
        "base-template": "Base Template",
        "child-template": "Child Template",
    },
    binding=TemplateInheritance,
    harnesses=(TemplateInheritanceHarness,),
)
