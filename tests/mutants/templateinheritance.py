"""Template inheritance, each time with one believable mistake."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask
import jinja2
from markupsafe import Markup

import reference.templateinheritance
from conformance import Subject
from tests.proof import mutant

ROOT = Path(reference.templateinheritance.__file__).parent
PREFIX = "templateinheritance/"
SOURCES = {
    PREFIX + file.name: file.read_text()
    for file in sorted((ROOT / "templates" / PREFIX).glob("*.html"))
}
BINDING: dict[str, Any] = {
    "layout": "templateinheritance/layout.html",
    "pages": ["/templateinheritance/", "/templateinheritance/articles/blocks"],
    "missing": "/templateinheritance/articles/none",
}


def changed(
    change: Callable[[flask.Flask], object] = lambda app: None,
    templates: dict[str, str] | None = None,
    **binding: Any,
) -> Subject:
    """The reference's blueprint in an app of its own, with other templates and a change."""

    def create_app() -> flask.Flask:
        app = flask.Flask("mutant", static_folder=str(ROOT / "static"))
        app.jinja_loader = jinja2.DictLoader({**SOURCES, **(templates or {})})  # type: ignore[misc]
        reference.templateinheritance.init_app(app)
        change(app)
        return app

    return Subject(app=create_app, patterns={"templateinheritance": {**BINDING, **binding}})


def edited(name: str, old: str, new: str, **binding: Any) -> Subject:
    """The reference, one of its templates changed in one place."""
    source = SOURCES[PREFIX + name]
    assert source.count(old) == 1, old
    return changed(templates={PREFIX + name: source.replace(old, new)}, **binding)


def added(source: str, name: str = "extra.html", **templates: str) -> Subject:
    """The reference with another template, which no page is rendered from."""
    return changed(templates={PREFIX + name: source, **templates})


def child(body: str) -> Subject:
    """The reference with another child of its layout."""
    return added(
        f'{{% extends "{PREFIX}layout.html" %}}\n{{% block title %}}Extra{{% endblock %}}\n{body}'
    )


@mutant("parents-exist", says="no loader has 'templateinheritance/card.html'")
def included_template_renamed() -> Subject:
    """An include names a file that is called otherwise."""
    return child('{% block content %}{% include "templateinheritance/card.html" %}{% endblock %}')


@mutant("parents-exist", says="no loader has 'layout.html'")
def folder_left_out() -> Subject:
    """The extends tag leaves out the blueprint's folder."""
    return added('{% extends "layout.html" %}{% block content %}{% endblock %}')


@mutant("parents-exist", says="block 'content' defined twice")
def block_twice() -> Subject:
    """A block is defined twice in one template."""
    return child("{% block content %}a{% endblock %}{% block content %}b{% endblock %}")


@mutant("no-cycle", says="extra.html extends templateinheritance/extra.html")
def extends_itself() -> Subject:
    """A template extends one with its own name, and means another loader's."""
    return added('{% extends "templateinheritance/extra.html" %}{% block content %}{% endblock %}')


@mutant("extends-first", says="the text '<h2>Articles</h2>'", also=["skeleton"])
def heading_above() -> Subject:
    """A heading stands above the extends tag, and so above the doctype."""
    return edited("index.html", "{% extends", "<h2>Articles</h2>\n{% extends")


@mutant("extends-first", says="an import tag")
def import_above() -> Subject:
    """An import stands above the extends tag."""
    return added(
        '{% import "templateinheritance/macros.html" as macros %}'
        '{% extends "templateinheritance/layout.html" %}{% block title %}Extra{% endblock %}',
        **{PREFIX + "macros.html": "{% macro card(text) %}{{ text }}{% endmacro %}"},
    )


@mutant("before-extends", says="'<!-- The list. -->'")
def comment_above() -> Subject:
    """An HTML comment stands above the extends tag, and so above the doctype."""
    return edited("index.html", "{% extends", "<!-- The list. -->\n{% extends")


@mutant("inside-blocks", says="the text '<h1>Extra</h1>'")
def block_forgotten() -> Subject:
    """The content is in no block."""
    return child("<h1>Extra</h1>")


@mutant("inside-blocks", says="inside an if tag, which has no effect on it")
def condition_around_block() -> Subject:
    """An if stands around a block instead of in it."""
    return child("{% if admin %}{% block footer %}For you alone.{% endblock %}{% endif %}")


@mutant("inside-blocks", says="an include tag")
def include_outside() -> Subject:
    """A part is included outside of the blocks."""
    return child('{% include "templateinheritance/missing.html" %}')


@mutant("blocks-exist", says="never render it")
def block_misspelt() -> Subject:
    """The block's name has a letter too many."""
    return child("{% block contents %}<h1>Extra</h1>{% endblock %}")


@mutant("blocks-exist", says="the block 'title' of", also=["super"])
def nested_block_dropped() -> Subject:
    """The child overrides the head without super(), and with it the title that is nested there."""
    nested = "<head>{% block head %}<title>{% block title %}{% endblock %} - Site</title>{% endblock %}</head>"
    return added(
        '{% extends "templateinheritance/old.html" %}{% block title %}Extra{% endblock %}'
        "{% block head %}<style>p { color: red }</style>{% endblock %}",
        **{PREFIX + "old.html": nested},
    )


@mutant("super", says="drops a stylesheet, {{ ... }}")
def super_forgotten() -> Subject:
    """The page adds a style and forgets super()."""
    return edited("article.html", "{{ super() }}", "")


@mutant("super", says="drops a script, jquery.js")
def scripts_replaced() -> Subject:
    """The page's script takes the place of the library that it needs."""
    base = (
        "<!doctype html><title>{% block title %}Shop{% endblock %}</title>"
        "{% block scripts %}<script src=jquery.js></script>{% endblock %}"
    )
    return added(
        '{% extends "templateinheritance/old.html" %}'
        "{% block scripts %}<script src=cart.js></script>{% endblock %}",
        **{PREFIX + "old.html": base},
    )


@mutant("super", says="in one of its branches it has no super()")
def super_in_one_branch() -> Subject:
    """The parent's styles are kept in one branch, and the other one adds its own without them."""
    return edited(
        "article.html",
        "{{ super() }}",
        "{% if wide %}{{ super() }}<style>main { width: 100% }</style>"
        "{% else %}<style>main { width: 40em }</style>{% endif %}",
    )


@mutant("macro-context", says="imports 'card' without context")
def macro_reads_the_page() -> Subject:
    """Markup that was moved into a macro reads what only pages are handed."""
    return changed(
        lambda app: app.context_processor(lambda: {"current_user": "ada"}),
        {
            PREFIX + "extra.html": '{% extends "templateinheritance/layout.html" %}'
            '{% from "templateinheritance/macros.html" import card %}'
            "{% block title %}Extra{% endblock %}{% block content %}{{ card('x') }}{% endblock %}",
            PREFIX
            + "macros.html": "{% macro card(text) %}<p>{{ text }}{{ sign() }}</p>{% endmacro %}"
            "{% macro sign() %}<i>{{ current_user }}</i>{% endmacro %}",
        },
    )


@mutant("scoped", says="it uses 'name' from an enclosing tag")
def block_in_a_loop() -> Subject:
    """A block inside a loop shows the loop's variable, and is not scoped."""
    return child(
        "{% block content %}{% for name in articles %}"
        "{% block item %}<li>{{ name }}{% endblock %}{% endfor %}{% endblock %}"
    )


@mutant("scoped", says="it uses 'label' from an enclosing tag")
def block_with_what_a_loop_sets() -> Subject:
    """A block inside a loop shows what the loop has set, and is not scoped."""
    return child(
        "{% block content %}{% for name in articles %}{% set label = name|upper %}"
        "{% block item %}<li>{{ label }}{% endblock %}{% endfor %}{% endblock %}"
    )


@mutant("endpoints-exist", says="no rule has that endpoint")
def blueprint_left_out() -> Subject:
    """The endpoint lacks the blueprint's name."""
    return child("{% block content %}<a href=\"{{ url_for('index') }}\">Home</a>{% endblock %}")


@mutant("endpoints-exist", says="its rule needs name")
def value_left_out() -> Subject:
    """The URL's variable part is not given."""
    return child(
        "{% block content %}<a href=\"{{ url_for('templateinheritance.article') }}\">Home</a>"
        "{% endblock %}"
    )


@mutant("namespace", says="shop and blog have one each")
def two_indexes() -> Subject:
    """Two blueprints have a template called index.html."""

    def change(app: flask.Flask) -> None:
        for name in ("shop", "blog"):
            blueprint = flask.Blueprint(name, __name__)
            page = f"<!doctype html><title>{name}</title>"
            blueprint.jinja_loader = jinja2.DictLoader({"index.html": page})  # type: ignore[misc]
            app.register_blueprint(blueprint)

    return changed(change)


@mutant("namespace", says="the view of the blueprint shop to render its own 'home.html'")
def page_of_the_app_shown() -> Subject:
    """A blueprint and the app both have a page called home.html, and all get the app's."""

    def change(app: flask.Flask) -> None:
        shop = flask.Blueprint("shop", __name__)
        page = "<!doctype html><title>Shop</title>"
        shop.jinja_loader = jinja2.DictLoader({"home.html": page})  # type: ignore[misc]
        shop.add_url_rule("/shop", "home", lambda: flask.render_template("home.html"))
        app.register_blueprint(shop)
        app.add_url_rule("/home", "home", lambda: flask.render_template("home.html"))

    return changed(change, {"home.html": "<!doctype html><title>Home</title>"})


@mutant("autoescape-names", says="autoescaping to be on for templateinheritance/card.html.j2")
def another_ending() -> Subject:
    """The template's name ends in .j2, for which Flask does not escape."""
    return added("<p>{{ text }}</p>", "card.html.j2")


@mutant("autoescape-names", says="autoescaping to be on for", also=["escape-passed"])
def escaping_turned_off() -> Subject:
    """The app's setting turns escaping off."""

    def change(app: flask.Flask) -> None:
        app.jinja_env.autoescape = False

    return changed(change)


@mutant("attr-quoted", says="none around the expression in templateinheritance/extra.html, line 3")
def quotes_forgotten() -> Subject:
    """The value of an input stands there without quotes."""
    return child("{% block content %}<input name=q value={{ text }}>{% endblock %}")


@mutant("skeleton", says="'<html>' before any doctype, 0 doctypes", also=["error-pages"])
def no_doctype() -> Subject:
    """The layout has no doctype."""
    return edited("layout.html", "<!doctype html>\n", "")


@mutant("skeleton", says="2 title elements")
def second_skeleton() -> Subject:
    """The page brings a title of its own instead of filling the block."""
    return edited("article.html", "{{ super() }}", "{{ super() }}<title>{{ title }}</title>")


@mutant("title", says="the title '- Template Inheritance'")
def title_left_open() -> Subject:
    """A child leaves the title's block empty."""
    return added(
        '{% extends "templateinheritance/layout.html" %}{% block content %}x{% endblock %}'
    )


@mutant("title", says="'Articles - Template Inheritance' at both")
def one_title() -> Subject:
    """The page's template was copied from another's with its title."""
    return edited("article.html", "{% block title %}{{ title }}", "{% block title %}Articles")


@mutant("title", says="a title for the page at /templateinheritance/articles/blocks")
def title_not_passed() -> Subject:
    """The title is a variable that the view does not pass."""
    return edited("article.html", "{% block title %}{{ title }}", "{% block title %}{{ heading }}")


def standalone(rest: str) -> Subject:
    """The reference, its article a page with a skeleton of its own."""
    return changed(
        templates={
            PREFIX + "article.html": "<!doctype html><html lang=en><head><title>{{ title }}</title>"
            "<link rel='stylesheet' href='{{ url_for(\"static\", filename=\"templateinheritance.css\") }}'>"
            "</head><body><div id=content><h1>{{ title }}</h1><p>{{ text }}</p></div>"
            f"{rest}</body></html>"
        }
    )


@mutant("default-block", says="article.html, which extends nothing", also=["one-change-everywhere"])
def copied_without_footer() -> Subject:
    """A page has a copy of the layout, in which the footer's text is old."""
    return standalone("<div id=footer>Built by hand.</div>")


@mutant("one-change-everywhere", says="/templateinheritance/articles/blocks to show what was added")
def copied_layout() -> Subject:
    """A page has a faithful copy of the layout instead of extending it."""
    return standalone("<div id=footer>Built with blocks.</div>")


@mutant("well-formed", says="of the page is still open at </main>")
def left_open() -> Subject:
    """A page opens an element and does not close it."""
    return edited("article.html", "<h1>{{ title }}</h1>", "<h1>{{ title }}</h1><div>")


@mutant("well-formed", says="closes nothing")
def closed_twice() -> Subject:
    """A page closes an element of the layout's."""
    return edited("article.html", "{{ text }}</p>", "{{ text }}</p></main>")


@mutant("escape-passed", says="turns escaping off")
def safe_filter() -> Subject:
    """The text goes through |safe, so that its line breaks could be tags."""
    return edited("article.html", "{{ text }}", "{{ text|safe }}")


@mutant("escape-passed", says=" to be escaped")
def section_not_escaped() -> Subject:
    """Escaping is off around a list."""
    return edited(
        "index.html",
        "{{ title }}</a>",
        "{% autoescape false %}{{ title }}{% endautoescape %}</a>",
    )


@mutant("error-pages", says="a page with status 404")
def layout_wants_a_user() -> Subject:
    """The layout uses a variable that each view passes, and the error handler does not."""
    source = SOURCES[PREFIX + "layout.html"]
    source = source.replace("<nav>", "<nav>{{ user.name }}")

    def change(app: flask.Flask) -> None:
        views = app.view_functions
        views["templateinheritance.index"] = lambda: flask.render_template(
            PREFIX + "index.html", articles={}, user={"name": "ada"}
        )
        views["templateinheritance.article"] = lambda name: (
            flask.abort(404)
            if name == "none"
            else flask.render_template(PREFIX + "article.html", title="a", user={"name": "ada"})
        )

    return changed(change, {PREFIX + "layout.html": source})


@mutant("error-pages", says="it lacks the id content and the id footer")
def no_error_page() -> Subject:
    """Nothing dresses the error: the visitor gets Werkzeug's page."""

    def change(app: flask.Flask) -> None:
        app.error_handler_spec.clear()

    return changed(change)


@mutant("error-pages", says="a complete page with status 500")
def crash_page_in_parts() -> Subject:
    """The page for a 500 is a piece of a page."""

    def change(app: flask.Flask) -> None:
        @app.errorhandler(500)
        def crashed(error: Exception) -> tuple[str, int]:
            return "<h1>Something went wrong</h1>", 500

    return changed(change)


@mutant("assets-everywhere", says="is relative to the page that refers to it")
def stylesheet_by_a_relative_path() -> Subject:
    """The layout names its stylesheet relative to the page that is at the root."""
    layout = SOURCES[f"{PREFIX}layout.html"]
    link = '<link rel="stylesheet" href="../static/templateinheritance.css">'
    return changed(templates={f"{PREFIX}layout.html": layout.replace("</head>", f"{link}</head>")})


@mutant("urls-prefix", says="which is written out in templateinheritance/layout.html")
def link_written_out() -> Subject:
    """A link of the layout is written out instead of built."""
    return edited(
        "layout.html", "{{ url_for('templateinheritance.index') }}", "/templateinheritance/"
    )


@mutant("escape", says="missing.html gets it in `text` as Markup")
def path_as_markup() -> Subject:
    """The page for a 404 shows the path, together with the markup around it."""

    def change(app: flask.Flask) -> None:
        @app.errorhandler(404)
        def missing(error: Exception) -> tuple[str, int]:
            text = Markup(f"<b>{flask.request.path}</b> is not here")
            return flask.render_template("missing.html", text=text), 404

    return changed(
        change,
        {
            "missing.html": '{% extends "templateinheritance/layout.html" %}'
            "{% block title %}Missing{% endblock %}{% block content %}{{ text }}{% endblock %}"
        },
        missing="/nowhere",
    )


@mutant("error-pages", says="a page with status 404")
def error_page_fails() -> Subject:
    """The page for a 404 uses what only views hand to their pages."""

    def change(app: flask.Flask) -> None:
        @app.errorhandler(404)
        def missing(error: Exception) -> tuple[str, int]:
            return flask.render_template_string("{{ shop.name.first }}"), 404

    return changed(change, missing="/nowhere")
