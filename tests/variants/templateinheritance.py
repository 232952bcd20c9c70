"""Template inheritance, done right in other ways than the reference's."""

from __future__ import annotations

import datetime
import importlib
import sqlite3
import sys
import textwrap
from typing import Any

import flask
import jinja2
from markupsafe import Markup

from conformance import Subject
from tests.proof import new_folder, variant


def with_templates(app: flask.Flask, templates: dict[str, str]) -> flask.Flask:
    """Return the app templates from a dict."""
    app.jinja_loader = jinja2.DictLoader(templates)  # type: ignore[misc]
    return app


@variant
def parts_and_macros() -> Subject:
    """HTML without its optional tags; macros, includes, imports, a text mail and unquoted numbers."""
    templates = {
        "base.html": """\
{# The site's frame. #}
<!doctype html>
<title>{% block title %}Shop{% endblock %}</title>
{% include "_head.html" %}
{% include ["_theme.html", "_plain.html"] %}{% include "_banner.html" ignore missing %}
{% block nav %}<nav><ul><li><a href={{ url_for('home') }}>Home</a><li>Cart</ul></nav>{% endblock %}
{% block body %}{% endblock %}
<p>{% block footer %}Since {{ year }} in <a href="https://example.org/">Graz</a>.{% endblock %}
<script>for (var i = 0; i<n; i = i + {{ 1 }}) { document.title = "{{ year }}" }</script>
""",
        "_head.html": "<link rel=stylesheet href=\"{{ url_for('static', filename='s.css') }}\">",
        "_plain.html": "<meta name=theme content=plain>",
        "_table.html": """\
{% macro table(rows) %}<table class="{% if rows %}full{% else %}empty{% endif %}">
{% for row in rows %}<tr id=row-{{ loop.index }}><td colspan={{ row|length }}>{{ row }}<td>
<img src="/x.png" alt=''><br/>{% endfor %}</table>{% endmacro %}
""",
        "home.html": """\
{# A comment above. #}
{% extends "base.html" %}
{% from "_table.html" import table with context %}
{% set rows = ["a", "b <i>"] %}
{% macro note(text) %}<em>{{ text }}</em>{% endmacro %}
<!-- A note for readers of the source. -->
{% block title %}{{ super() }}: {{ heading }}{% endblock %}
{% block body %}<h1>{{ self.title() }}</h1>{{ table(rows) }}{{ note("n") }}
<textarea name=t>{{ heading }}</textarea>{% filter upper %}{{ heading }}{% endfilter %}
{% block extra scoped %}{% endblock %}{% endblock %}
""",
        "about.html": """\
{% extends "base.html" %}
{% block title %}About{% endblock %}
{% block footer %}{% endblock %}
{% block body %}<p>{{ text }}<p>{{ story }}<svg><title>Logo</title><path d="M0 0"/></svg>{% endblock %}
""",
        "mail.txt": "Hello <{{ name }}>, see {{ url_for('home', _external=True) }}",
        "lost.html": """\
{% extends "base.html" %}{% block title %}Lost{% endblock %}
{% block body %}<p>{% if admin is defined %}{{ admin.name }}{% endif %}Nothing here{% endblock %}
""",
    }

    def create_app() -> flask.Flask:
        app = with_templates(flask.Flask("shop"), templates)

        @app.context_processor
        def year() -> dict[str, int]:
            return {"year": datetime.date(2024, 1, 1).year}

        @app.get("/")
        def home() -> str:
            return flask.render_template("home.html", heading="Welcome")

        @app.get("/about")
        def about() -> str:
            story = Markup("<b>Once</b>")
            return flask.render_template("about.html", text="a & b", story=story)

        @app.errorhandler(404)
        def lost(error: Exception) -> Any:
            if not flask.request.accept_mimetypes.accept_html:
                return {"error": "not found"}, 404
            return flask.render_template("lost.html"), 404

        @app.errorhandler(Exception)
        def crashed(error: Exception) -> tuple[str, int]:
            return "<!doctype html><title>Sorry</title><p>Something went wrong", 500

        return app

    binding = {"pages": ["/", "/about"], "layout": "base.html", "missing": "/nowhere"}
    return Subject(app=create_app, patterns={"templateinheritance": binding})


@variant
def three_levels() -> Subject:
    """Site, section, page: super() through both, nested and scoped blocks, rows of a database."""
    templates = {
        "site.html": """\
<!DOCTYPE html>
<html><head>
{% block head %}
<meta charset="utf-8"><title>{% block title %}{% endblock %}{% if self.title() %} - {% endif %}Site</title>
{% block styles %}<link rel="stylesheet" href="{{ url_for('static', filename='site.css') }}">{% endblock %}
{% endblock %}
</head><body class="{% block kind %}{% endblock %}">
{% block page %}<main id="main">{% block main %}{% endblock %}</main>
<footer>{% block footer %}All rights reversed.{% endblock %}</footer>{% endblock %}
{% block scripts %}<script src="{{ url_for('static', filename='site.js') }}"></script>{% endblock %}
</body></html>
""",
        "section.html": """\
{% extends "site.html" %}
{% block title %}{% block subtitle %}{% endblock %}Section{% endblock %}
{% block styles %}{{ super() }}<style>ul { margin: 0 }</style>{% endblock %}
{% block main %}<ul>{% for row in rows %}
<li{% if loop.first %} class="first"{% endif %}>{% block item scoped %}{{ row.name }}{% endblock %}</li>
{% endfor %}</ul>{% block after %}{% endblock %}{% endblock %}
""",
        "list.html": """\
{% extends "section.html" %}
{% block subtitle %}List of {% endblock %}
{% block kind %}{{ kind }} wide{% endblock %}
{% block item %}<b>{{ super() }}</b>, {{ row.note }}{% endblock %}
{% block scripts %}{{ super()|trim }}<script src="/l.js"></script>{% endblock %}
""",
        "home.html": """\
{% extends "site.html" %}
{% block styles %}<link rel="stylesheet" href="{{ url_for('static', filename='home.css') }}">{% endblock %}
{% block scripts %}{% endblock %}
{% block main %}<h1>Site</h1>{% endblock %}
""",
        "landing.html": """\
{% extends "site.html" %}{% block title %}Hello{% endblock %}
{% block page %}<h1>Hello</h1>{% endblock %}
""",
    }

    def create_app() -> flask.Flask:
        app = with_templates(flask.Flask("site"), templates)

        @app.get("/list")
        def rows() -> str:
            with sqlite3.connect(":memory:") as connection:
                connection.row_factory = sqlite3.Row
                found = connection.execute("SELECT 'a' AS name, 'n' AS note").fetchall()
            return flask.render_template("list.html", rows=found, kind="plain")

        @app.get("/")
        def home() -> str:
            return flask.render_template("home.html")

        @app.get("/landing")
        def landing() -> str:
            return flask.render_template("landing.html")

        return app

    binding = {
        "pages": ["/list", "/", "/landing"],
        "layout": "section.html",
        "replaced": ["styles"],
    }
    return Subject(app=create_app, patterns={"templateinheritance": binding})


@variant
def dynamic_parents() -> Subject:
    """Parents that only rendering tells, a fragment for both, a loader that lists nothing."""
    templates = {
        "full.html": "<!doctype html><html><head><title>{% block title %}{% endblock %}</title></head>"
        "<body>{% block content %}{% endblock %}<div id=end>{% block end %}the end{% endblock %}</div>"
        "</body></html>",
        "bare.html": "{% block content %}{% endblock %}",
        "page.html": "{% extends 'bare.html' if request.headers.get('HX-Request') else 'full.html' %}"
        "{% block title %}{{ name }}{% endblock %}{% block content %}<p>{{ name }}</p>{% endblock %}"
        "{% block menu %}only some have it{% endblock %}",
        "chosen.html": "{% extends skin %}{% block title %}Chosen{% endblock %}{% block menu %}{% endblock %}",
        "alone.html": "{% if not alone %}{% extends 'full.html' %}{% endif %}"
        "<p>{% block title %}Alone{% endblock %}</p>",
    }

    def create_app() -> flask.Flask:
        app = flask.Flask("htmx")
        app.jinja_loader = jinja2.FunctionLoader(templates.get)  # type: ignore[misc]

        @app.get("/pages/<name>")
        def page(name: str) -> str:
            return flask.render_template("page.html", name=name)

        @app.get("/chosen")
        def chosen() -> Any:
            return flask.stream_template("chosen.html", skin="full.html")

        @app.get("/string")
        def string() -> str:
            return flask.render_template_string(
                "{% extends 'full.html' %}{% block title %}String{% endblock %}"
            )

        return app

    binding = {
        "templates": list(templates),
        "layout": "full.html",
        "pages": ["/pages/one", "/chosen", "/string"],
    }
    return Subject(app=create_app, patterns={"templateinheritance": binding})


@variant
def blueprints_with_templates() -> Subject:
    """Blueprints with templates of their own in folders, one overridden by the app, links that are
    relative, a layout for each with a picture put in whole, and markup that is trusted by name."""

    def create_app() -> flask.Flask:
        app = with_templates(
            flask.Flask("suite"),
            {
                "layout.html": "<!doctype html><html lang=de><head><meta charset=utf-8>"
                "<title>{% block title required %}{% endblock %} | Suite</title></head><body>"
                # A picture as its program wrote it.
                "<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' ''><svg></svg>"
                "{% block content %}{% endblock %}"
                "{% if 'ghost' in config %}{{ url_for('ghost.index') }}{% endif %}</body></html>",
                "shop/item.html": "{% extends 'shop/layout.html' %}"
                "{% block title %}Special{% endblock %}{% block inner %}<p>special</p>{% endblock %}",
                "print.html": "{% extends 'layout.html' %} careless",
                "widget.j2": "<p>{{ text|e }}</p>{% autoescape true %}<p>{{ text }}</p>{% endautoescape %}",
            },
        )
        own = {
            "layout.html": "{% extends 'layout.html' %}{% block content %}<nav><a href='../blog/'>x</a>"
            "</nav>{% block inner %}{% endblock %}{% endblock %}",
            "index.html": "{% extends name %}{% block title %}Index{% endblock %}",
            "item.html": "{% extends 'NAME/layout.html' %}{% block title %}NAME{% endblock %}"
            "{% block inner %}{{ body|safe }}<a href=\"{{ url_for('.index') }}\">up</a>{% endblock %}",
        }
        for name in ("shop", "blog"):
            blueprint = flask.Blueprint(name, __name__, url_prefix=f"/{name}")
            blueprint.jinja_loader = jinja2.DictLoader(  # type: ignore[misc]
                {f"{name}/{file}": source.replace("NAME", name) for file, source in own.items()}
            )

            @blueprint.get("/")
            def index(name: str = name) -> str:
                return flask.render_template(f"{name}/index.html", name=f"{name}/layout.html")

            @blueprint.get("/item")
            def item(name: str = name) -> str:
                return flask.render_template(f"{name}/item.html", body="<b>made here</b>")

            app.register_blueprint(blueprint)
        app.register_blueprint(blueprint, name="again", url_prefix="/again")
        return app

    binding = {
        "templates": ["*", "!print.html"],
        "layout": "layout.html",
        "pages": ["/shop/", "/shop/item", "/blog/item"],
        "trusted": ["body"],
    }
    return Subject(app=create_app, patterns={"templateinheritance": binding})


@variant
def only_templates() -> Subject:
    """Nothing is bound but the app: its templates are read, and no page is asked for."""
    return Subject(app="reference:create_app", patterns={"templateinheritance": {}})


@variant
def forms_alone() -> Subject:
    """Every page is a form of one library, whose fields have the same ids on each."""
    form = """{% extends "base.html" %}{% block title %}FORM{% endblock %}{% block body %}
<form method="post"><input type="hidden" id="token" name="token" value="t">
<input id="submit" type="submit" value="Go"></form>{% endblock %}"""
    templates = {
        "base.html": "<!doctype html><html><head><title>{% block title %}{% endblock %}</title></head>"
        "<body><main id=main>{% block body %}{% endblock %}</main></body></html>",
        "login.html": form.replace("FORM", "Log in"),
        "join.html": form.replace("FORM", "Join"),
        "lost.html": '{% extends "base.html" %}{% block title %}Lost{% endblock %}',
    }

    def create_app() -> flask.Flask:
        app = with_templates(flask.Flask("forms"), templates)
        app.add_url_rule("/login", "login", lambda: flask.render_template("login.html"))
        app.add_url_rule("/join", "join", lambda: flask.render_template("join.html"))
        app.register_error_handler(404, lambda error: (flask.render_template("lost.html"), 404))
        return app

    binding = {"pages": ["/login", "/join"], "layout": "base.html", "missing": "/nowhere"}
    return Subject(app=create_app, patterns={"templateinheritance": binding})


@variant
def themed_and_optional() -> Subject:
    """A loader that asks the request for its theme, a part that is switched off, a class block."""

    class Themes(jinja2.DictLoader):
        def get_source(self, environment: jinja2.Environment, template: str) -> Any:
            flask.request.args.get("theme")
            return super().get_source(environment, template)

    templates = {
        "base.html": "<!doctype html><title>{% block title %}{% endblock %} - Site</title>"
        '<body class="{% block body_class %}plain{% endblock %}">'
        "{% block content %}{% endblock %}<p>{{ request.path }}</p>",
        "home.html": '{% extends "base.html" %}{% block title %}Home{% endblock %}'
        "{% block content %}<form><input name=q value=\"{{ request.args.get('q', '') }}\"></form>"
        "{% endblock %}",
        "missing.html": '{% extends "base.html" %}{% block title %}Missing{% endblock %}',
        "shop.html": '{% extends "base.html" %}{% block title %}Shop{% endblock %}'
        "{% block content %}<a href=\"{{ url_for('shop.start') }}\">Shop</a>{% endblock %}",
    }

    def create_app() -> flask.Flask:
        app = flask.Flask("site")
        app.jinja_loader = Themes(templates)  # type: ignore[misc]
        app.add_url_rule("/", "home", lambda: flask.render_template("home.html"))
        app.register_error_handler(404, lambda error: (flask.render_template("missing.html"), 404))
        return app

    binding = {"layout": "base.html", "pages": ["/"], "missing": "/nowhere"}
    return Subject(app=create_app, patterns={"templateinheritance": binding})


@variant
def shared_parts() -> Subject:
    """Copies of one template in two blueprints; a loader that wants what comes before a request;
    macros that get all they read, with the context or with what is asked for; a view that this
    configuration leaves out; an installed app, beside another package."""
    folder = new_folder() / "lib" / "site-packages"
    home = "{% extends 'base.html' %}{% from 'macros.html' import card %}"
    texts = {
        "site_app.py": """
            import flask

            def create_app(shop=False):
                app = flask.Flask(__name__, template_folder="site_templates")

                @app.get("/")
                def home():
                    return flask.render_template("home.html")

                if shop:
                    @app.get("/shop")
                    def start():
                        return flask.render_template("shop.html")

                return app
            """,
        "site_templates/base.html": "<!doctype html><title>{% block title %}{% endblock %}</title>"
        "{% block head %}<link rel=stylesheet href=a.css>{% endblock %}{% block body %}{% endblock %}",
        "site_templates/home.html": home + "{% import 'theirs.html' as theirs with context %}"
        "{% block title %}Home{% endblock %}{% block head %}{% if wide %}{{ super() }}{% endif %}"
        "{% endblock %}{% block body %}{{ card('x') }}{{ theirs.name() }}{% endblock %}",
        "site_templates/macros.html": "{% set sign = '*' %}{% macro card(text) %}{% for each in text %}"
        "{{ each }}{{ sign }}{{ loop.index }}{% endfor %}{{ user|default('nobody') }}"
        "{% if group is defined %}{{ group }}{% endif %}{{ request.path }}{{ caller }}{% endmacro %}",
        "site_templates/theirs.html": "{% macro name() %}{{ user }}{% endmacro %}",
        "site_templates/shop.html": "<p><a href=\"{{ url_for('start') }}\">Shop</a>",
        "neighbour/templates/broken.html": "{% extends 'nowhere.html' %}",
        "neighbour/templates/part.html": "<p>{{ url_for('nowhere') }}",
    }
    for path, text in texts.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))
    sys.path.append(str(folder))

    class Themes(jinja2.FileSystemLoader):
        def get_source(self, environment: jinja2.Environment, template: str) -> Any:
            _ = flask.g.theme
            return super().get_source(environment, template)

    def create_app() -> flask.Flask:
        app: flask.Flask = importlib.import_module("site_app").create_app()
        app.jinja_loader = Themes(folder / "site_templates")  # type: ignore[misc]
        app.before_request(lambda: setattr(flask.g, "theme", "plain"))
        for name in ("one", "two"):
            blueprint = flask.Blueprint(name, __name__)
            same = jinja2.DictLoader({"part.html": "<p>a part"})
            theirs = jinja2.FileSystemLoader(folder / "neighbour" / "templates")
            blueprint.jinja_loader = same if name == "one" else jinja2.ChoiceLoader([same, theirs])  # type: ignore[misc]
            app.register_blueprint(blueprint)
        return app

    binding = {"layout": "base.html", "pages": ["/"]}
    return Subject(app=create_app, patterns={"templateinheritance": binding})
