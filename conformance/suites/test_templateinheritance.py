"""The clauses of Template Inheritance."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from conformance.clause import example, expect, given, harden, must, should
from conformance.core.errors import Untested
from conformance.instruments.html import Page
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

prefixes = st.lists(st.text("abcxyz019-_", min_size=1, max_size=8), min_size=1, max_size=3).map(
    lambda parts: "/" + "/".join(parts)
)


def children(harness: Harness) -> list[Template]:
    """Return the app's templates with an extends tag that always applies."""
    found = [t for t in harness.library().own.values() if t.parent_tag is not None]
    if not found:
        raise Untested("no template has an extends tag that always applies")
    return found


def families(harness: Harness) -> list[tuple[Template, Composition]]:
    """Return the app's templates that extend others, and how they and their parents compose."""
    found = harness.library().children()
    if not found:
        raise Untested("no template extends another by a name that its source gives")
    return found


# The templates as they are written.


@must("child-template")
def test_parents_exist(templateinheritance: Harness) -> None:
    """Every template can be compiled, and what it extends, includes or imports is there.

    Jinja reads a template when it is first used, and what it includes when it gets
    there: until a visitor takes that way, nothing says that it is broken.

    Source: Child Template: to evaluate a template, its parent is located first.

    Usual cause: a file was moved or renamed, its folder left out of the name, or a
    block is defined twice.
    """
    library = templateinheritance.library()
    for template in library.own.values():
        error = library.compile_error(template)
        expect(error is None, f"{template.name} to compile", error)
        for node, names in library.missing(template):
            expect(
                False,
                f"a template for each name in {template.at(node)}",
                f"no loader has {names}",
            )


@must("child-template")
def test_no_cycle(templateinheritance: Harness) -> None:
    """No template extends itself, by way of others either.

    Each rendering of it ends in a RecursionError.

    Source: Child Template: to evaluate a template, its parent is located first; one that is its
    own parent has no end.

    Usual cause: a blueprint's layout.html extends "layout.html" and means the app's,
    but both names are one: the first loader that has it gives it to both.
    """
    library = templateinheritance.library()
    for template in library.own.values():
        line = library.lineage(template)
        expect(
            line[-1] not in line[:-1],
            f"{template.name} to end in a template that extends nothing",
            " extends ".join(each.name for each in line),
        )


@must("child-template")
def test_extends_first(templateinheritance: Harness) -> None:
    """The extends tag is the first thing in a template, comments and white space aside.

    Text in front of it is printed in front of the doctype, and the browser falls
    back to quirks mode.

    Source: Child Template: the extends tag has to be the first tag in the template.

    Usual cause: a heading or an include above the tag, or an import that belongs
    below it.
    """
    for template in children(templateinheritance):
        if found := misplaced_extends(template):
            node, words = found
            expect(
                False,
                f"one extends tag, and first in {template.name}",
                f"{words}, {template.at(node)}",
            )


@harden("child-template")
def test_before_extends(templateinheritance: Harness) -> None:
    """Not even an HTML comment stands before the extends tag.

    It is printed in front of the doctype. A Jinja comment, `{# ... #}`, is not.

    Source: beyond the chapter, which speaks of tags; it protects the doctype's place.
    """
    for template in children(templateinheritance):
        text = comment_before_extends(template)
        expect(
            text is None,
            f"nothing before the extends tag of {template.name}",
            f"{(text or '')[:60]!r}",
        )


@must("child-template")
def test_inside_blocks(templateinheritance: Harness) -> None:
    """A template that extends another has all its content inside blocks.

    Text outside of them is lost without a word, an include there is printed in
    front of the doctype, and an if around a block does not keep the block from
    being used.

    Source: Base Template: what child templates do is fill the blocks with content.

    Usual cause: the content was written below the block, or the block tag was
    forgotten; a condition belongs inside the block.
    """
    for template in children(templateinheritance):
        for node, words in outside_blocks(template):
            expect(
                False,
                f"nothing outside the blocks of {template.name}",
                f"{words} ({template.at(node)})",
            )


@should("child-template")
def test_blocks_exist(templateinheritance: Harness) -> None:
    """Each block that a child defines is one that its parents show.

    A block that none of them has renders nothing, and nothing says so.

    Source: Base Template: the blocks of the base are those that child templates can fill in.

    Usual cause: the name is misspelt, it was renamed in the layout, or an
    override without `super()` dropped the block that was nested in it.
    """
    for template, page in families(templateinheritance):
        for name, block in template.blocks.items():
            names = sorted(set(page.parent.definitions) - {name})
            expect(
                id(block) in page.rendered,
                f"the block {name!r} of {template.at(block)} to be shown",
                f"its parents, {' and '.join(t.name for t in page.chain[1:])}, never show it; "
                f"the blocks there are {', '.join(names) or 'none'}",
            )


@should("child-template")
def test_super(templateinheritance: Harness) -> None:
    """A child that adds a style or a script to a block keeps those of its parent.

    The page works in all that was looked at, without the site's stylesheet, the
    script that the menu needs, or a title.

    Source: Child Template: the contents of the parent's block are rendered by `super()`.

    Usual cause: `{{ super() }}` is missing in the child's block. A block that
    children mean to replace as a whole is named in `replaced`.
    """
    replaced = templateinheritance.binding.replaced
    for template, page in families(templateinheritance):
        for name, block in template.blocks.items():
            if name in replaced or name not in page.parent.definitions:
                continue
            whole = page.block(name)
            some = page.calls_super(name)
            # Where it is in one branch only, each way through the block counts.
            ways = page.paths(name) if some else [(page.block(name, inherited=False), False)]
            for own, inherits in ways:
                # An empty block removes on purpose; one that adds means to keep.
                if inherits or not assets(own):
                    continue
                lost = assets(page.parent.block(name)) - assets(own if some else whole)
                dropped = without_placeholders(" and ".join(sorted(lost)))
                expect(
                    not lost,
                    f"the block {name!r} of {template.at(block)} to keep what its parent's has",
                    f"{'in one of its branches it' if some else 'it'} has no super(), "
                    f"and drops {dropped}",
                )


@should("")
def test_macro_context(templateinheritance: Harness) -> None:
    """A macro that is imported without the context reads its arguments and globals alone.

    What views and context processors hand to a page is not there, and a name that is not
    there is rendered as nothing.

    Source: Jinja's Template Designer Documentation, "Import Context Behavior": imported
    templates do not have access to the current template's variables unless the tag says
    `with context`.

    Usual cause: the markup was moved from a page into a macro, and a variable of the page's
    with it; hand it to the macro.
    """
    library = templateinheritance.library()
    for template in library.own.values():
        for tag, other, macro, name in library.blind_macros(template):
            expect(
                False,
                f"the macro {macro!r} of {other} to get all that it reads",
                f"{template.at(tag)} imports it without the context, and it reads {name!r}",
                cause=f"{name!r} is neither an argument of the macro nor a global",
            )


@should("base-template")
def test_scoped(templateinheritance: Harness) -> None:
    """A block inside a loop that uses the loop's variables is a scoped one.

    Without that word a block sees nothing of what is around it, and an undefined
    name is rendered as nothing.

    Source: Jinja's Template Designer Documentation, "Block Nesting and Scope": blocks do not see
    variables of an outer scope unless they are declared as scoped.

    Usual cause: `{% block item %}` where `{% block item scoped %}` is meant.
    """
    for template in templateinheritance.library().own.values():
        for block, name in unscoped_blocks(template):
            expect(
                False,
                f"the block {block.name!r} of {template.at(block)} to be scoped",
                f"it uses {name!r} of the tag around it and cannot see it",
            )


@should("base-template")
def test_endpoints_exist(templateinheritance: Harness) -> None:
    """Every endpoint that a template hands to `url_for` has a rule, and gets the values it needs.

    Source: Flask's API, `url_for`: a URL is built to an endpoint with the values that its rule
    needs, and without them there is an error.

    Usual cause: the view was renamed or moved to a blueprint, whose name belongs
    in front: `url_for('auth.login')`.
    """
    for template in templateinheritance.library().own.values():
        for call, endpoint, given_names in url_calls(template):
            why = templateinheritance.unbuildable(endpoint, given_names)
            expect(
                why is None or templateinheritance.may_be_absent(endpoint, template),
                f"url_for({endpoint!r}, ...) in {template.at(call)} to give a URL",
                why,
            )


@should("")
def test_namespace(templateinheritance: Harness) -> None:
    """No two blueprints provide a template of the same name.

    All of them share one search path: the blueprint that was registered first
    gives its template to the others too. The app's own, which override a
    blueprint's, do not count, unless they are pages that the app itself shows.

    Source: Flask's Modular Applications with Blueprints, "Templates": of templates of one name the
    first that is registered is taken, so each blueprint's are in a folder of its name.

    Usual cause: `templates/index.html` in each blueprint; put each one's templates
    into a folder with its name, `templates/admin/index.html`.
    """
    library = templateinheritance.library()
    for name, blueprints in templateinheritance.providers().items():
        expect(
            len(blueprints) == 1 or name not in library.own,
            f"one blueprint with a template {name!r}",
            f"{' and '.join(blueprints)} have one each, and all get that of {blueprints[0]}",
            cause="all templates share one space of names",
        )
    for name, blueprint in templateinheritance.shadowed():
        expect(
            False,
            f"the view of the blueprint {blueprint} to render its own {name!r}",
            "the app has a page of that name, which one of its views renders, and it comes first",
            cause="all templates share one space of names",
        )


@harden("base-template")
def test_autoescape_names(templateinheritance: Harness) -> None:
    """Each HTML template that shows a value has a name for which escaping is on.

    Flask decides by the file's ending: .html, .htm, .xml, .xhtml and .svg are
    escaped. In page.html.j2 nothing is, and each value can bring a script.

    Source: beyond the chapter; it protects pages from markup in what they show. Flask's Templates,
    "Jinja Setup", lists the endings.

    Usual cause: another ending for the editor's sake, or `select_jinja_autoescape`
    and `jinja_options` that turn escaping off.
    """
    library = templateinheritance.library()
    for template in library.own.values():
        if is_html(template):
            node = unescaped(library.env, template)
            expect(
                node is None,
                f"escaping to be on for {template.name}, which shows HTML",
                f"it is off, and {template.at(node)} shows a value",
            )


@harden("base-template")
def test_attr_quoted(templateinheritance: Harness) -> None:
    """Every value in an attribute stands in quotes.

    Escaping leaves spaces alone: without quotes, text with a space in it ends the
    attribute and begins another one, such as onmouseover.

    Source: beyond the chapter; it protects pages from attributes in what they show. Flask's
    Security Considerations, "Cross-Site Scripting (XSS)": attributes with expressions are quoted.

    Usual cause: `<input value={{ text }}>` for `<input value="{{ text }}">`.
    """
    for template in templateinheritance.library().own.values():
        if is_html(template):
            for node in unquoted(template):
                expect(
                    False,
                    f"quotes around each attribute's value in {template.name}",
                    f"none around the expression in {template.at(node)}",
                )


# The pages as they are served.


@must("base-template")
def test_skeleton(templateinheritance: Harness) -> None:
    """Every page begins with its doctype, and has one head, one body and in the head one title.

    Source: Base Template: the base is the skeleton of an HTML document, which child templates fill.

    Usual cause: an override of the block around the title without `super()`, an
    included template that has a skeleton of its own, or text in front of the
    extends tag.
    """
    for route in templateinheritance.pages():
        faults = templateinheritance.document(route).skeleton_faults()
        expect(
            not faults,
            f"{route.path} to begin with a doctype and have one title in one head",
            ", ".join(faults),
        )


@should("child-template")
def test_title(templateinheritance: Harness) -> None:
    """Every page has a title of its own.

    Tabs, bookmarks, histories and search results have nothing else to tell pages
    apart by, and a screen reader says it first.

    Source: HTML Standard, 4.2.2 The title element: a title identifies its document also out of
    context; Child Template: the child fills the title's block.

    Usual cause: the child has no title block, so the title is " - My Site" on each.
    """
    library = templateinheritance.library()
    extended = {parent.name for t in library.own.values() if (parent := library.parent(t))}
    children = library.children()
    for template, page in children:
        title = title_of(page)
        expect(
            template.name in extended or title is None or not lacks_own_part(title),
            f"{template.name} to fill the title that {page.base.name} leaves open",
            f"the title {title!r}",
        )
    seen: dict[str, str] = {}
    unbound_is_enough = children and templateinheritance.binding.pages is None
    for route in () if unbound_is_enough else templateinheritance.pages():
        title = templateinheritance.document(route).title
        expect(not lacks_own_part(title), f"a title of its own at {route.path}", f"{title!r}")
        path = route.path.partition("?")[0]
        other = seen.setdefault(title, path)
        expect(
            other == path,
            f"{route.path} to have another title than {other}",
            f"{title!r} at both",
        )


@must("base-template")
def test_default_block(templateinheritance: Harness) -> None:
    """A page whose template leaves a block alone shows what the layout has in it.

    Source: Base Template: a block says what a child may override; what it does not, stays.

    Usual cause: the page's template does not extend the layout but has a copy of
    it, in which the footer is missing or has grown old.
    """
    templateinheritance.inside()
    pages = templateinheritance.pages()
    library = templateinheritance.library()
    layout = templateinheritance.layout(library)
    defaults = default_texts(layout)
    if not defaults:
        raise Untested(f"no block of {layout.name} has a text of its own")
    for route in pages:
        document, names = templateinheritance.rendered(route)
        sources = [t for name in names if name and (t := library.get(name)) is not None]
        chains = [chain for t in sources if (chain := library.chain(t)) is not None]
        if not chains:
            continue
        overridden = {name for chain in chains for t in chain[:-1] for name in t.blocks}
        shown = " ".join(document.text.split())
        for name, texts in defaults.items():
            for text in texts if name not in overridden else ():
                expect(
                    text in shown,
                    f"{route.path} to show {text!r}, which {layout.name} has in its block {name!r}",
                    f"it is not there, in a page of {' and '.join(map(str, names))}",
                )


@should("base-template")
def test_one_change_everywhere(templateinheritance: Harness) -> None:
    """A change of the layout is on every page.

    Source: the introduction: the base template has all the common elements of the site.

    Usual cause: a page with a skeleton of its own, copied from the layout.
    """
    pages = templateinheritance.pages()
    with templateinheritance.changed_layout():
        for route in pages:
            text = templateinheritance.open(route).text
            expect(
                MARKER in text,
                f"{route.path} to show what was added to {templateinheritance.binding.layout}",
                "the page as it was",
            )


@should("base-template")
def test_well_formed(templateinheritance: Harness) -> None:
    """On every page each element that needs an end tag has one, and each end tag its element.

    What a child leaves open goes on into the layout that follows: the footer becomes
    a part of a table or of a link.

    Source: HTML Standard, 13.1.2 Elements: a start tag has its end tag, and nests.

    Usual cause: an element is opened in one block, or in one branch, and closed in
    another.
    """
    for route in templateinheritance.pages():
        mismatches = templateinheritance.document(route).mismatches
        expect(not mismatches, f"matching tags at {route.path}", "; ".join(mismatches[:3]))


@should("child-template", share=0.5)
@given(pick=st.integers(0, 99), before=markup(), after=markup())
@example(pick=0, before="", after="")
@example(pick=1, before="", after="")
@example(pick=2, before="", after="")
def test_escape(templateinheritance: Harness, pick: int, before: str, after: str) -> None:
    """Text that a request brings stays text in the page.

    `|safe`, `{% autoescape false %}`, `Markup` around the whole, or a template whose name turns
    escaping off let it become markup.

    Source: Flask's Templates: escaping is on in templates whose name ends in .html.
    """
    stays_text(templateinheritance, templateinheritance.reflected, pick, before + BREAKOUT + after)


@harden("child-template", share=0.5)
@given(pick=st.integers(0, 99), before=markup(), after=markup())
@example(pick=0, before="", after="")
@example(pick=1, before="", after="")
@example(pick=2, before="", after="")
def test_escape_handed(templateinheritance: Harness, pick: int, before: str, after: str) -> None:
    """Text that a view hands to a page stays text in it.

    `|safe` and `{% autoescape false %}` are promises that nobody but the app's author ever
    writes that text, which the next change of the view may break. Markup that the app made
    itself is handed as `Markup`, or its variable is named in `trusted`.

    Source: Flask's Templates, "Controlling Autoescaping": of the ways to hand markup to a page,
    `Markup` in Python is the one that is usually recommended.
    """
    stays_text(templateinheritance, templateinheritance.spots, pick, before + BREAKOUT + after)


def stays_text(
    templateinheritance: Harness, spots: Sequence[Spot | Reflected], pick: int, text: str
) -> None:
    """Look that markup in one of the spots is shown as text."""
    spot = spots[pick % len(spots)]
    response = templateinheritance.open_with(spot, text)
    # A text that the view's own code cannot work with does not concern the page.
    if response.status < 500:
        expect(
            not Page(response.text).find(INTRUDER),
            f"the text in {templateinheritance.where(spot)} to stay text",
            f"the page has an element {INTRUDER} from it",
        )


@should("base-template")
def test_error_pages(templateinheritance: Harness) -> None:
    """The app's own error pages are whole pages, and the one for a 404 has the site's layout.

    They are rendered without what views hand to their pages.

    Source: the introduction: the base template has all the common elements of the site; Flask's
    Handling Application Errors, "Custom Error Pages", extends it.

    Usual cause: the layout uses a variable that each view must pass, so that the
    error page fails with an error of its own; or there is no error page.
    """
    routes = templateinheritance.binding.pages or []
    shared = [templateinheritance.document(route).furniture() for route in routes]
    response = templateinheritance.missing_page()
    target = response.request.target
    expect(400 <= response.status < 500, f"a page with status 404 for {target}", response)
    document = Document(response.text)
    faults = document.skeleton_faults()
    expect(not faults, f"a whole page with status {response.status}", ", ".join(faults))
    templateinheritance.need("pages")
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
            "a whole page with status 500 for a view that fails",
            ", ".join(faults) or crashed,
        )


@should("base-template", share=0.3)
@given(prefix=prefixes)
@example(prefix="/shop")
def test_urls_prefix(templateinheritance: Harness, prefix: str) -> None:
    """Where the app is mounted below a prefix, its pages' links and assets keep the prefix.

    Source: Base Template: the URL of a stylesheet is built with `url_for`; PEP 3333, `SCRIPT_NAME`.

    Usual cause: `/static/style.css` is written into the layout; `url_for` knows the
    prefix.
    """
    client = templateinheritance.client(Mounted(templateinheritance.app, prefix))
    for route in templateinheritance.pages():
        document = Document(templateinheritance.open(route, client, prefix).text)
        for link in document.links():
            expect(
                link.startswith(prefix + "/")
                or link == prefix
                or not templateinheritance.answers(link),
                f"each link at {prefix}{route.path} to begin with {prefix}",
                link,
            )
