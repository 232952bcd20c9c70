"""The clauses of Template Inheritance."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urljoin

from hypothesis import strategies as st

from conformance.clause import example, expect, given, harden, must, should
from conformance.core.errors import Deviation, Untested
from conformance.instruments.html import Page, normal
from conformance.instruments.jinja import (
    Composition,
    Template,
    comment_before_extends,
    default_texts,
    is_html,
    misplaced_extends,
    outside_blocks,
    unescaped,
    unquoted,
    unscoped_blocks,
    url_calls,
    without_placeholders,
)
from conformance.instruments.strategies import markup
from conformance.patterns.harness import Mounted
from conformance.patterns.templateinheritance import (
    BREAKOUT,
    INTRUDER,
    MARKER,
    Document,
    Reflected,
    Spot,
    TemplateInheritanceHarness,
    assets,
    lacks_own_part,
    title_of,
)

Harness = TemplateInheritanceHarness

#: Extensions of templates that output HTML or XML, to ask what is escaped.
EXTENSIONS = (".html", ".htm", ".xml", ".xhtml", ".svg", ".j2", ".jinja", ".jinja2", ".txt")

#: What Jinja drops outside of blocks, as `outside_blocks` describes it.
LOST = ("the text", "an expression")

QUOTES = "'\""

prefixes = st.lists(st.text("abcxyz019-_", min_size=1, max_size=8), min_size=1, max_size=3).map(
    lambda parts: "/" + "/".join(parts)
)


def children(harness: Harness) -> list[Template]:
    """Return the app's templates with an unconditional extends tag."""
    found = [t for t in harness.library().own.values() if t.parent_tag is not None]
    if not found:
        raise Untested("no template has an unconditional extends tag")
    return found


def families(harness: Harness) -> list[tuple[Template, Composition]]:
    """Return the app's templates that extend others, each with its composition."""
    found = harness.library().children()
    if not found:
        raise Untested("no template extends another by a literal name")
    return found


# The templates as they are written.


@must("child-template", reads=True)
def test_parents_exist(templateinheritance: Harness) -> None:
    """Every template compiles, and every template that it extends, includes or imports exists.

    Jinja loads a template when it is first used, and an include when it is reached: a broken one
    goes unnoticed until a visitor gets there.

    Source: Child Template: to evaluate a template, its parent is located first.

    Usual cause: a file was moved or renamed, its folder is missing from the name, or a block is
    defined twice.
    """
    library = templateinheritance.library()
    for template in library.own.values():
        error = library.compile_error(template)
        expect(error is None, f"{template.name} to compile", error)
        for node, names in library.missing(template):
            file = names.strip(QUOTES).rpartition("/")[2]
            same = [each for each in library.own if each.rpartition("/")[2] == file]
            kind = type(node).__name__.removeprefix("From").lower().removesuffix("s")
            expect(
                False,
                f"the template that {template.at(node)} {kind}s to exist",
                f"no loader has {names}" + (f", but one has {same[0]!r}" if same else ""),
            )


@must("child-template", reads=True)
def test_no_cycle(templateinheritance: Harness) -> None:
    """No template extends itself, directly or indirectly.

    Rendering it always ends in a RecursionError.

    Source: Child Template: to evaluate a template, its parent is located first; for a template
    that is its own ancestor this never ends.

    Usual cause: a blueprint's layout.html extends "layout.html", meaning the app's; but both have
    the same name, which the first loader that has it resolves for both.
    """
    library = templateinheritance.library()
    for template in library.own.values():
        line = library.lineage(template)
        expect(
            line[-1] not in line[:-1],
            f"{template.name} to end in a template that extends nothing",
            " extends ".join(each.name for each in line),
        )


@must("child-template", reads=True)
def test_extends_first(templateinheritance: Harness) -> None:
    """The extends tag is the first thing in a template, apart from comments and whitespace.

    Text before it is output before the doctype, which puts the browser into quirks mode.

    Source: Child Template: the extends tag must be the first tag in the template.

    Usual cause: a heading or an include above the tag, or an import that belongs below it.
    """
    for template in children(templateinheritance):
        if found := misplaced_extends(template):
            node, words = found
            expect(
                False,
                f"one extends tag, and first in {template.name}",
                f"{words}, {template.at(node)}",
            )


@harden("child-template", reads=True)
def test_before_extends(templateinheritance: Harness) -> None:
    """No HTML comment precedes the extends tag.

    It would be output before the doctype. A Jinja comment, `{# ... #}`, is not.

    Source: beyond the chapter, which only mentions tags; it protects the position of the doctype.
    """
    for template in children(templateinheritance):
        text = comment_before_extends(template)
        expect(
            text is None,
            f"nothing before the extends tag of {template.name}, as it precedes the doctype",
            f"{(text or '')[:60]!r}, which is output before the layout's doctype",
        )


@must("child-template", reads=True)
def test_inside_blocks(templateinheritance: Harness) -> None:
    """A template that extends another has all of its content inside blocks.

    Text outside of blocks is silently lost, an include there is output before the doctype, and an
    if around a block does not prevent the block from being used.

    Source: Base Template: child templates fill the blocks with content.

    Usual cause: the content was written below the block, or the block tag was forgotten; a
    condition belongs inside the block.
    """
    for template in children(templateinheritance):
        for node, words in outside_blocks(template):
            expect(
                False,
                f"nothing outside the blocks of {template.name}",
                f"{words} ({template.at(node)})"
                + (", which is never rendered" if words.startswith(LOST) else ""),
            )


@should("child-template", reads=True)
def test_blocks_exist(templateinheritance: Harness) -> None:
    """Every block that a child template defines is rendered by its parents.

    A block that no parent has is silently not rendered.

    Source: Base Template: the base defines the blocks that child templates can fill in.

    Usual cause: the name is misspelled, it was renamed in the layout, or an override without
    `super()` dropped the block nested in it.
    """
    for template, page in families(templateinheritance):
        for name, block in template.blocks.items():
            names = sorted(set(page.parent.definitions) - {name})
            expect(
                id(block) in page.rendered,
                f"the block {name!r} of {template.at(block)} to be rendered",
                f"its parents, {' and '.join(t.name for t in page.chain[1:])}, never render it; "
                f"their blocks are {', '.join(names) or 'none'}",
            )


@should("child-template", reads=True)
def test_super(templateinheritance: Harness) -> None:
    """A child template that adds styles or scripts to a block keeps those of its parent.

    The page seems to work, but lacks the site's stylesheet, the script that the menu needs, or a
    title.

    Source: Child Template: `super()` renders the contents of the parent's block.

    Usual cause: `{{ super() }}` is missing in the child's block. List blocks that children are
    supposed to replace entirely in `replaced`.
    """
    replaced = templateinheritance.binding.replaced
    for template, page in families(templateinheritance):
        for name, block in template.blocks.items():
            if name in replaced or name not in page.parent.definitions:
                continue
            whole = page.block(name)
            some = page.calls_super(name)
            # If it is in one branch only, each path through the block counts.
            ways = page.paths(name) if some else [(page.block(name, inherited=False), False)]
            for own, inherits in ways:
                # An empty block removes its content on purpose; one that adds something should
                # keep it.
                if inherits or not assets(own):
                    continue
                lost = assets(page.parent.block(name)) - assets(own if some else whole)
                parents = [each for each in page.chain[1:] if name in each.blocks]
                above = " and ".join(
                    f"{each.at(each.blocks[name])}: {asset_line(each, name)}" for each in parents
                )
                dropped = without_placeholders(" and ".join(sorted(lost)))
                expect(
                    not lost,
                    f"the block {name!r} of {template.at(block)} to keep the content of its parent",
                    f"{'in one of its branches it' if some else 'it'} has no super(), "
                    f"and drops {dropped} of the block in {above}",
                )


def asset_line(template: Template, name: str) -> str:
    """Return the first line, from a block's beginning on, that adds to a page's head."""
    lines = template.source.splitlines()[template.blocks[name].lineno - 1 :]
    found = (line.strip() for line in lines if re.search("<(link|script|style|title|meta)", line))
    return next(found, lines[0].strip())[:120]


@should("", reads=True)
def test_macro_context(templateinheritance: Harness) -> None:
    """A macro imported without context uses only its own arguments and globals.

    Variables passed by views and context processors do not exist there, and an undefined name
    renders as nothing.

    Source: Jinja's Template Designer Documentation, "Import Context Behavior": imported templates
    do not have access to the current template's variables unless the tag says `with context`.

    Usual cause: markup was moved from a page into a macro together with a variable of the page;
    pass the variable to the macro.
    """
    library = templateinheritance.library()
    for template in library.own.values():
        for tag, other, (imported, *called), name in library.blind_macros(template):
            macro = called[-1] if called else imported
            calls = "".join(f", which calls {each!r}" for each in called)
            expect(
                False,
                f"the macro {macro!r} of {other} to have access to all that it uses",
                f"{template.at(tag)} imports {imported!r} without context{calls}, "
                f"and {macro!r} uses {name!r}",
                cause=f"{name!r} is neither an argument of the macro nor a global",
            )


@should("base-template", reads=True)
def test_scoped(templateinheritance: Harness) -> None:
    """A block inside a loop that uses the loop's variables is declared as scoped.

    Otherwise the block cannot see variables from outside, and an undefined name renders as
    nothing.

    Source: Jinja's Template Designer Documentation, "Block Nesting and Scope": blocks cannot
    access variables of an outer scope unless they are declared as scoped.

    Usual cause: `{% block item %}` instead of `{% block item scoped %}`.
    """
    for template in templateinheritance.library().own.values():
        for block, name in unscoped_blocks(template):
            expect(
                False,
                f"the block {block.name!r} of {template.at(block)} to be scoped",
                f"it uses {name!r} from an enclosing tag, which it cannot access",
            )


@should("base-template")
def test_endpoints_exist(templateinheritance: Harness) -> None:
    """Every endpoint passed to `url_for` in a template has a rule and gets the values it requires.

    Source: Flask's API, `url_for`: it builds the URL of an endpoint from the values that its rule
    requires, and raises an error without them.

    Usual cause: the view was renamed or moved to a blueprint, whose name must precede it:
    `url_for('auth.login')`.
    """
    for template in templateinheritance.library().own.values():
        for call, endpoint, given_names in url_calls(template):
            why = templateinheritance.unbuildable(endpoint, given_names)
            expect(
                why is None or templateinheritance.may_be_absent(endpoint, template),
                f"url_for({endpoint!r}, ...) in {template.at(call)} to build a URL",
                why,
            )


@should("", reads=True)
def test_namespace(templateinheritance: Harness) -> None:
    """No two blueprints provide a template with the same name.

    All of them share one search path: the template of the blueprint registered first is used for
    the others too. The app's own templates, which override a blueprint's, do not count, unless
    they are pages that the app itself renders.

    Source: Flask's Modular Applications with Blueprints, "Templates": of templates with the same
    name the first one registered is used, so each blueprint keeps its own in a folder with its
    name.

    Usual cause: `templates/index.html` in each blueprint; put each blueprint's templates into a
    folder with its name, `templates/admin/index.html`.
    """
    library = templateinheritance.library()
    for name, blueprints in templateinheritance.providers().items():
        expect(
            len(blueprints) == 1 or name not in library.own,
            f"one blueprint with a template {name!r}",
            f"{' and '.join(blueprints)} have one each, and all use that of {blueprints[0]}",
            cause="all templates share one namespace",
        )
    for name, blueprint in templateinheritance.shadowed():
        expect(
            False,
            f"the view of the blueprint {blueprint} to render its own {name!r}",
            "a view of the app renders a page with that name, which takes precedence",
            cause="all templates share one namespace",
        )


@harden("base-template", reads=True)
def test_autoescape_names(templateinheritance: Harness) -> None:
    """Every HTML template that outputs a value has a name for which autoescaping is on.

    Flask decides by the file extension: .html, .htm, .xml, .xhtml and .svg are escaped. In
    page.html.j2 nothing is, so every value can inject a script.

    Source: beyond the chapter; it protects pages from markup in values. Flask's Templates, "Jinja
    Setup", lists the extensions.

    Usual cause: another extension for the sake of an editor, or `select_jinja_autoescape` and
    `jinja_options` that turn escaping off.
    """
    library = templateinheritance.library()
    chosen = library.env.autoescape
    for template in library.own.values():
        if is_html(template):
            node = unescaped(library.env, template)
            if node is None:
                continue
            on = [each for each in EXTENSIONS if chosen(f"page{each}")] if callable(chosen) else []
            raise Deviation(
                f"autoescaping to be on for {template.name}, which outputs HTML",
                f"it is off, and {template.at(node)} outputs a value",
                f"of these extensions, it is on for {', '.join(on)}." if on else "",
            )


@harden("base-template", reads=True)
def test_attr_quoted(templateinheritance: Harness) -> None:
    """Every attribute value in a template is quoted.

    Escaping does not affect spaces: without quotes, text with a space ends the attribute and
    starts another one, such as onmouseover.

    Source: beyond the chapter; it protects pages from injected attributes. Flask's Security
    Considerations, "Cross-Site Scripting (XSS)": attributes with expressions are quoted.

    Usual cause: `<input value={{ text }}>` instead of `<input value="{{ text }}">`.
    """
    for template in templateinheritance.library().own.values():
        if is_html(template):
            for node in unquoted(template):
                expect(
                    False,
                    f"quotes around each attribute value in {template.name}",
                    f"none around the expression in {template.at(node)}: "
                    f"{template.line(node)[:100]}",
                )


# The pages as they are served.


@must("base-template")
def test_skeleton(templateinheritance: Harness) -> None:
    """Every page begins with a doctype and has one head, one body and, in the head, one title.

    Source: Base Template: the base is the skeleton of an HTML document, which child templates fill.

    Usual cause: an override without `super()` of the block around the title, an included template
    with its own skeleton, or text before the extends tag.
    """
    for route in templateinheritance.pages():
        faults = templateinheritance.document(route).skeleton_faults()
        if faults:
            raise Deviation(
                f"{route.path} to begin with a doctype and have one title in one head",
                ", ".join(faults),
                templateinheritance.made_of(route),
            )


@should("child-template")
def test_title(templateinheritance: Harness) -> None:
    """Every page has its own title.

    Tabs, bookmarks, histories and search results distinguish pages by it alone, and screen
    readers read it first.

    Source: HTML Standard, 4.2.2 The title element: a title identifies its document even out of
    context; Child Template: the child fills the title's block.

    Usual cause: the child has no title block, so every title is " - My Site".
    """
    library = templateinheritance.library()
    extended = {parent.name for t in library.own.values() if (parent := library.parent(t))}
    children = library.children()
    for template, page in children:
        title = title_of(page)
        expect(
            template.name in extended or title is None or not lacks_own_part(title),
            f"{template.name} to fill in the title of {page.base.name}",
            f"the title {title!r}",
        )
    seen: dict[str, str] = {}
    unbound_is_enough = children and templateinheritance.binding.pages is None
    for route in () if unbound_is_enough else templateinheritance.pages():
        title = templateinheritance.document(route).title
        expect(not lacks_own_part(title), f"a title for the page at {route.path}", f"{title!r}")
        path = route.path.partition("?")[0]
        other = seen.setdefault(title, path)
        expect(
            other == path,
            f"{route.path} to have a different title from {other}",
            f"{title!r} at both",
        )


@must("base-template")
def test_default_block(templateinheritance: Harness) -> None:
    """A page whose template does not override a block shows the layout's default content.

    Source: Base Template: a block marks what a child may override; the rest stays.

    Usual cause: the page's template does not extend the layout but contains a copy of it, whose
    footer is missing or outdated.
    """
    templateinheritance.inside()
    pages = templateinheritance.pages()
    library = templateinheritance.library()
    layout = templateinheritance.layout(library)
    defaults = default_texts(layout)
    if not defaults:
        raise Untested(f"no block of {layout.name} has default text")
    for route in pages:
        document, names = templateinheritance.rendered(route)
        sources = [t for name in names if name and (t := library.get(name)) is not None]
        chains = [chain for t in sources if (chain := library.chain(t)) is not None]
        if not chains:
            continue
        overridden = {name for chain in chains for t in chain[:-1] for name in t.blocks}
        shown = normal(document.text)
        for name, texts in defaults.items():
            for text in texts if name not in overridden else ():
                if text not in shown:
                    raise Deviation(
                        f"{route.path} to show {text!r}, which {layout.name} has in its block "
                        f"{name!r}",
                        f"it is missing from the page, made from {' and '.join(map(str, names))}",
                        templateinheritance.made_of(route),
                    )


@should("base-template")
def test_one_change_everywhere(templateinheritance: Harness) -> None:
    """A change to the layout appears on every page.

    Source: introduction: the base template contains all the common elements of the site.

    Usual cause: a page with its own skeleton, copied from the layout.
    """
    unchanged = None
    pages = templateinheritance.pages()
    with templateinheritance.changed_layout():
        for route in pages:
            if MARKER not in templateinheritance.open(route).text:
                unchanged = route
                break
    if unchanged is not None:
        raise Deviation(
            f"{unchanged.path} to show what was added to {templateinheritance.binding.layout}",
            "the unchanged page",
            templateinheritance.made_of(unchanged),
        )


@should("base-template")
def test_well_formed(templateinheritance: Harness) -> None:
    """On every page, start tags and end tags match.

    What a child leaves open extends into the layout that follows: the footer becomes part of a
    table or a link.

    Source: HTML Standard, 13.1.2 Elements: a start tag has an end tag, and elements nest.

    Usual cause: an element is opened in one block, or in one branch, and closed in another.
    """
    for route in templateinheritance.pages():
        mismatches = templateinheritance.document(route).mismatches
        if mismatches:
            raise Deviation(
                f"matching tags at {route.path}",
                "; ".join(mismatches[:3]),
                templateinheritance.made_of(route),
            )


@should("child-template", share=0.5)
@given(place_number=st.integers(0, 99), markup_before=markup(), markup_after=markup())
@example(place_number=0, markup_before="", markup_after="")
@example(place_number=1, markup_before="", markup_after="")
@example(place_number=2, markup_before="", markup_after="")
def test_escape(
    templateinheritance: Harness, place_number: int, markup_before: str, markup_after: str
) -> None:
    """Text from the request is escaped in the page.

    `|safe`, `{% autoescape false %}`, `Markup` around the whole, or a template whose name turns
    escaping off let it become markup.

    Source: Flask's Templates: escaping is on in templates whose name ends in .html.
    """
    stays_text(
        templateinheritance,
        templateinheritance.reflected,
        place_number,
        markup_before + BREAKOUT + markup_after,
    )


@harden("child-template", share=0.5)
@given(place_number=st.integers(0, 99), markup_before=markup(), markup_after=markup())
@example(place_number=0, markup_before="", markup_after="")
@example(place_number=1, markup_before="", markup_after="")
@example(place_number=2, markup_before="", markup_after="")
def test_escape_passed(
    templateinheritance: Harness, place_number: int, markup_before: str, markup_after: str
) -> None:
    """Text that a view passes to a template is escaped in the page.

    `|safe` and `{% autoescape false %}` promise that only the app's author ever writes that
    text, which the next change of the view may break. Pass markup that the app has built as
    `Markup`, or list its variable in `trusted`.

    Source: Flask's Templates, "Controlling Autoescaping": of the ways to pass markup to a page,
    `Markup` in Python is the one that is usually recommended.
    """
    stays_text(
        templateinheritance,
        templateinheritance.spots,
        place_number,
        markup_before + BREAKOUT + markup_after,
    )


def stays_text(
    templateinheritance: Harness, spots: Sequence[Spot | Reflected], pick: int, text: str
) -> None:
    """Expect markup in one of the spots to be shown as text."""
    spot = spots[pick % len(spots)]
    response = templateinheritance.open_with(spot, text)
    # A text that the view's own code cannot handle does not concern the page.
    if response.status < 500 and Page(response.text).find(INTRUDER):
        raise Deviation(
            f"markup in {templateinheritance.where(spot)} to be escaped",
            f"the element <{INTRUDER}> that it contains became one of the page",
            templateinheritance.unescaped_by(spot, text),
        )


@should("base-template")
def test_error_pages(templateinheritance: Harness) -> None:
    """The app's error pages are complete pages, and its 404 page uses the site's layout.

    They are rendered without the variables that views pass to their pages.

    Source: introduction: the base template contains all the common elements of the site; Flask's
    Handling Application Errors, "Custom Error Pages", extends it.

    Usual cause: the layout uses a variable that every view must pass, so that the error page
    itself fails; or there is no error page.
    """
    response = templateinheritance.missing_page()
    target = response.request.target
    if not 400 <= response.status < 500:
        told = "" if response.raised is None else response.raised.text
        undefined = re.match(r"'(\w+)' is undefined", told)
        users = templateinheritance.using(undefined[1]) if undefined else ""
        raise Deviation(
            f"a page with status 404 for {target}",
            str(response),
            f"{users} uses {undefined[1]!r}." if undefined and users else "",
        )
    document = Document(response.text)
    faults = document.skeleton_faults()
    expect(not faults, f"a complete page with status {response.status}", ", ".join(faults))
    templateinheritance.need("pages")
    routes = templateinheritance.binding.pages or []
    shared = [templateinheritance.document(route).furniture() for route in routes]
    if len(shared) > 1:
        lost = set.intersection(*shared) - document.furniture()
        expect(
            not lost,
            f"{target} to have what all pages have",
            f"it lacks {' and '.join(sorted(lost))}",
        )
    crashed = templateinheritance.crashed_page()
    if crashed is not None and crashed.mimetype == "text/html":
        faults = Document(crashed.text).skeleton_faults()
        expect(
            crashed.status == 500 and crashed.error is None and not faults,
            "a complete page with status 500 for a view that fails",
            ", ".join(faults) or crashed,
        )


@should("base-template")
def test_assets_everywhere(templateinheritance: Harness) -> None:
    """A stylesheet or script that one page finds is found from each page that refers to it.

    Source: Base Template: the layout refers to its stylesheet by a URL that is built with
    `url_for`, and so has the same one on each page.

    Usual cause: a relative URL in the layout, `static/style.css`: a page one level deeper looks
    for it below its own path.
    """
    client = templateinheritance.client()
    pages = [templateinheritance.open(route, client) for route in templateinheritance.pages()]
    if templateinheritance.binding.missing is not None:
        pages.append(templateinheritance.missing_page())
    found: dict[str, dict[str, bool]] = {}
    for page in pages:
        here = page.request.target
        for link, target in Document(page.text).resources(here).items():
            found.setdefault(link, {})[here] = client.get(target).status < 400
    for link, places in found.items():
        lost = [place for place, there in places.items() if not there]
        kept = [place for place, there in places.items() if there]
        # What no page finds may be for another server to send.
        expect(
            not lost or not kept,
            f"{link!r} to be found from {', '.join(lost)}, as from {kept[0] if kept else ''}",
            f"there it leads to {urljoin(lost[0], link) if lost else ''}, which does not exist",
            cause=f"{link!r} is relative to the page that refers to it",
        )


@should("base-template", share=0.3)
@given(prefix=prefixes)
@example(prefix="/shop")
def test_urls_prefix(templateinheritance: Harness, prefix: str) -> None:
    """If the app is mounted below a prefix, its links and assets keep the prefix.

    Source: Base Template: the URL of a stylesheet is built with `url_for`; PEP 3333, `SCRIPT_NAME`.

    Usual cause: `/static/style.css` is hard-coded in the layout; `url_for` adds the prefix.
    """
    client = templateinheritance.client(Mounted(templateinheritance.app, prefix))
    for route in templateinheritance.pages():
        document = Document(templateinheritance.open(route, client, prefix).text)
        for link in document.links():
            kept = link.startswith(prefix + "/") or link == prefix
            if not kept and templateinheritance.answers(link):
                place = templateinheritance.written(link)
                raise Deviation(
                    f"each link at {prefix}{route.path} to start with {prefix}, as url_for "
                    "builds it",
                    f"{link}{f', which is written out in {place}' if place else ''}",
                )
