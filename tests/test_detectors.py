"""Detectors: each finds its pattern however it is written, and nothing where it is not there."""

from __future__ import annotations

import dataclasses
import itertools
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.detectors import Finding, detect, slugs
from conformance.patterns import pattern_slugs
from conformance.runner.limits import time_limit
from conformance.subject import Subject
from conformance.survey import open_survey

_numbers = itertools.count()

#: A module, its templates, and the factory that most applications below have.
FACTORY = """
def create_app(config=None):
    app = Flask(__name__)
    app.config.update(SECRET_KEY="dev", **(config or {}))
    init(app)
    return app
"""


@dataclasses.dataclass
class Found:
    """What was found in an app, by key."""

    findings: list[Finding]
    module: str
    requests: Mapping[str, int]

    @property
    def table(self) -> dict[str, Any]:
        return {each.key: self._plain(each.value) for each in self.findings if each.confirmed}

    @property
    def guesses(self) -> dict[str, Any]:
        return {each.key: each.value for each in self.findings if not each.confirmed}

    def _plain(self, value: Any) -> Any:
        # The module has another name each time.
        return value.replace(self.module, "shop") if isinstance(value, str) else value


Find = Callable[..., Found]


@pytest.fixture
def find(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Find:
    """Write an application, survey it, and return what one detector found."""

    def write_and_look(
        slug: str,
        source: str,
        templates: Mapping[str, str] | None = None,
        *,
        factory: str = FACTORY,
        config: Mapping[str, Any] | None = None,
    ) -> Found:
        name = f"shop{next(_numbers)}"
        monkeypatch.chdir(tmp_path)
        monkeypatch.syspath_prepend(str(tmp_path))
        text = textwrap.dedent(source).replace("\nfrom __future__", "from __future__")
        (tmp_path / f"{name}.py").write_text(text + textwrap.dedent(factory))
        for path, content in (templates or {}).items():
            file = tmp_path / "templates" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        subject = Subject(app=f"{name}:create_app", config=config or {})
        with open_survey(subject, limit=time_limit) as survey:
            assert survey is not None
            survey.strict = True
            findings = detect(survey, [slug])
            return Found(findings, name, dict(survey.methods))

    return write_and_look


PLAIN = """
from flask import Flask
def init(app):
    app.add_url_rule("/", "index", lambda: "<!doctype html><title>x</title><p>hello")
    app.add_url_rule("/things/<int:number>", "thing", lambda number: {"number": number})
    app.add_url_rule("/old", "old", lambda: ("", 302, {"Location": "/"}))
"""


def test_each_detector_is_of_a_pattern() -> None:
    assert set(slugs()) <= set(pattern_slugs())


@pytest.mark.parametrize("slug", slugs())
def test_a_plain_app_has_none_of_the_patterns(find: Find, slug: str) -> None:
    found = find(slug, PLAIN)

    assert found.findings == []
    assert set(found.requests) <= {"GET", "HEAD", "OPTIONS"}


# templateinheritance

LAYOUT = (
    "<!doctype html><title>{% block title %}{% endblock %}</title>{% block body %}{% endblock %}"
)

PAGES = """
from flask import Flask, render_template
def init(app):
    app.add_url_rule("/", "index", lambda: render_template("index.html"))
    app.add_url_rule("/about", "about", lambda: render_template("about.html"))
    app.add_url_rule("/again", "again", lambda: render_template("about.html"))
"""

PAGE = "{% extends 'layout.html' %}{% block title %}a page{% endblock %}"


def test_pages_and_their_layout_are_found(find: Find) -> None:
    templates = {"layout.html": LAYOUT, "index.html": PAGE, "about.html": PAGE}

    assert find("templateinheritance", PAGES, templates).table == {
        "layout": "layout.html",
        "pages": ["/", "/about"],
    }


def test_a_layout_below_a_layout_is_no_layout_of_its_own(find: Find) -> None:
    section = (
        "{% extends 'layout.html' %}{% block body %}{% block inner %}{% endblock %}{% endblock %}"
    )
    page = "{% extends 'section.html' %}{% block inner %}x{% endblock %}"
    templates = {
        "layout.html": LAYOUT, "section.html": section, "index.html": page, "about.html": PAGE,
    }  # fmt: skip

    assert find("templateinheritance", PAGES, templates).table["layout"] == "layout.html"


def test_an_own_page_for_what_is_missing_is_found(find: Find) -> None:
    source = (
        PAGES + '    app.register_error_handler(404, lambda e: (render_template("no.html"), 404))\n'
    )
    templates = {"layout.html": LAYOUT, "index.html": PAGE, "about.html": PAGE, "no.html": PAGE}

    assert find("templateinheritance", source, templates).table["missing"] == "/conformance/missing"


def test_templates_that_extend_nothing_are_no_inheritance(find: Find) -> None:
    page = "<!doctype html><title>x</title>"

    assert (
        find("templateinheritance", PAGES, {"index.html": page, "about.html": page}).findings == []
    )


# favicon

ICON = """
from flask import Flask, send_file
import io
def init(app):
    app.add_url_rule("/", "index", lambda: "<!doctype html><head>{link}</head>")
    app.add_url_rule("/icon.png", "icon", lambda: send_file(io.BytesIO(b"\\x89PNG"), "image/png"))
"""


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="icon" href="/icon.png">',
        '<link href="icon.png" rel="shortcut icon">',
        "<link rel=icon type=image/png href=http://localhost/icon.png>",
    ],
)
def test_a_linked_icon_is_found(find: Find, link: str) -> None:
    assert find("favicon", ICON.replace("{link}", link.replace('"', "'"))).table == {"page": "/"}


def test_an_icon_that_is_not_there_is_not_asked_about(find: Find) -> None:
    found = find("favicon", ICON.replace("{link}", "<link rel=icon href=/lost.png>"))

    assert (found.table, found.guesses) == ({}, {"page": "/"})


def test_an_icon_of_another_site_is_none(find: Find) -> None:
    link = "<link rel=icon href=https://example.org/icon.png>"

    assert find("favicon", ICON.replace("{link}", link)).findings == []


# appfactories

SETTING = """
from flask import Flask, Blueprint, current_app
bp = Blueprint("pages", __name__)
@bp.route("/")
def index():
    return "Welcome to " + {name}
def init(app):
    app.config.setdefault("SITE_NAME", "Acme")
    app.register_blueprint(bp)
"""


def test_a_setting_that_a_page_shows_is_found(find: Find) -> None:
    found = find("appfactories", SETTING.replace("{name}", 'current_app.config["SITE_NAME"]'))

    assert found.table == {"setting": "SITE_NAME", "page": "/"}


def test_a_text_that_is_like_a_setting_is_none(find: Find) -> None:
    assert find("appfactories", SETTING.replace("{name}", '"Acme"')).findings == []


# flashing

FLASHING = """
from flask import Flask, flash, get_flashed_messages, redirect, render_template, render_template_string
def init(app):
    app.add_url_rule("/", "index", lambda: render_template("index.html"))
    app.add_url_rule("/status", "status", lambda: {"ready": True})
    app.add_url_rule("/old", "old", lambda: redirect("/"))
"""


@pytest.mark.parametrize(
    ("shown", "place"),
    [
        ("{% for m in get_flashed_messages() %}<p>{{ m }}</p>{% endfor %}", None),
        ("{% for c, m in get_flashed_messages(with_categories=true) %}<p class='flash {{ c }}'>{{ m }}</p>{% endfor %}", "class"),
        ("{% for c, m in get_flashed_messages(true) %}<p data-kind=alert-{{ c }}>{{ m }}</p>{% endfor %}", "data-kind"),
        ("{% include 'messages.html' %}", None),
    ],
)  # fmt: skip
def test_a_page_with_messages_is_found(find: Find, shown: str, place: str | None) -> None:
    page = f"<!doctype html><title>x</title>{shown}"
    messages = "{% for m in get_flashed_messages() %}<p>{{ m }}</p>{% endfor %}"
    expected = {"page": "/", "elsewhere": ["/old", "/status"]}

    found = find("flashing", FLASHING, {"index.html": page, "messages.html": messages})

    assert found.table == expected | ({"category_in": place} if place else {})


def test_messages_for_other_categories_only_are_not_taken_for_all(find: Find) -> None:
    shown = "{% for m in get_flashed_messages(category_filter=['error']) %}{{ m }}{% endfor %}"

    found = find("flashing", FLASHING, {"index.html": f"<!doctype html><title>x</title>{shown}"})

    assert found.table == {}


# urlprocessors

CODED = """
from flask import Flask, Blueprint, g, abort, url_for
bp = Blueprint("pages", __name__, url_prefix="{prefix}")
@bp.route("/about")
def about({argument}):
    return f"<p><a href='{url_for('.about'{again})}'>about</a>"
{processors}
def init(app):
    app.add_url_rule("/", "home", lambda: "<!doctype html><p>home")
    app.register_blueprint(bp)
"""

PULL = """
@bp.url_value_preprocessor
def pull(endpoint, values):
    if values is not None:
        g.{attribute} = values.pop("{value}", None)
        {check}
@bp.app_url_defaults
def add(endpoint, values):
    if endpoint.startswith("pages.") and g.get("{attribute}"):
        values.setdefault("{value}", g.{attribute})
"""


def coded(prefix: str, value: str, attribute: str, check: str = "pass") -> str:
    processors = PULL.replace("{attribute}", attribute).replace("{value}", value)
    source = CODED.replace("{prefix}", prefix).replace("{argument}", "").replace("{again}", "")
    return source.replace("{processors}", processors.replace("{check}", check))


def test_a_language_in_all_urls_is_found(find: Find) -> None:
    assert find("urlprocessors", coded("/<any(en, de):lang_code>", "lang_code", "lang_code")).table == {
        "page": "/{lang_code}/about",
        "codes": ["de", "en"],
        "plain": "/",
        "blueprint": "shop:bp",
    }  # fmt: skip


def test_another_name_and_the_codes_of_a_setting_are_found(find: Find) -> None:
    check = "g.country in ('fr', 'ch') or abort(404)"
    source = coded("/in/<land>", "land", "country", check)
    source = source.replace(
        "def init(app):", "def init(app):\n    app.config['COUNTRIES'] = ['ch', 'fr', 'xx']"
    )

    table = find("urlprocessors", source).table

    assert (table["page"], table["value"], table["codes"]) == (
        "/in/{land}/about",
        "land",
        ["ch", "fr"],
    )
    assert table["attribute"] == "country"


def test_a_value_that_the_view_takes_itself_is_no_processors(find: Find) -> None:
    source = CODED.replace("{prefix}", "/<lang_code>").replace("{argument}", "lang_code")
    source = source.replace("{again}", ", lang_code=lang_code")
    source = source.replace("{processors}", "@bp.url_value_preprocessor\ndef look(e, v):\n    pass")

    assert find("urlprocessors", source).findings == []


# viewdecorators

LOGIN = """
import functools
from flask import Flask, g, redirect, request, session, url_for
def login_required(view):
    @functools.wraps(view)
    def wrapped(**values):
        if g.user is None:
            return redirect(url_for("sign_in", {next}))
        return view(**values)
    return wrapped
def timed(view):
    @functools.wraps(view)
    def wrapped(**values):
        return view(**values)
    return wrapped
def load():
    g.user = session.get("user")
def sign_in():
    return "<!doctype html><form method=post><input name=u><input name=p type=password></form>"
@login_required
def secret():
    return "secret"
def init(app):
    app.before_request(load)
    app.add_url_rule("/login", "sign_in", sign_in, methods=["GET", "POST"])
    app.add_url_rule("/secret", "secret", secret)
    app.add_url_rule("/open", "open", timed(lambda: "open"))
"""


def test_a_login_decorator_and_its_page_are_found(find: Find) -> None:
    assert find("viewdecorators", LOGIN.replace("{next}", "next=request.path")).table == {
        "login_required": "shop:login_required",
        "login_endpoint": "sign_in",
        "protected": "/secret",
    }


def test_the_field_that_leads_back_is_found(find: Find) -> None:
    found = find("viewdecorators", LOGIN.replace("{next}", "back=request.path"))

    assert found.table["next_field"] == "back"
    assert found.guesses["login"] == {
        "method": "POST", "path": "/login", "form": {"u": "...", "p": "..."},
    }  # fmt: skip


def test_a_login_that_a_hook_asks_for_is_found_without_a_decorator(find: Find) -> None:
    source = LOGIN.replace("@login_required\n", "").replace(
        "    g.user = session.get(\"user\")",
        "    g.user = None\n    if request.endpoint == 'secret':\n        return redirect(url_for('sign_in'))",
    )  # fmt: skip
    table = find("viewdecorators", source.replace("{next}", "")).table

    assert table == {"protected": "/secret", "login_endpoint": "sign_in"}


def test_a_page_that_has_moved_is_not_behind_a_login(find: Find) -> None:
    source = LOGIN.replace("type=password", "").replace("{next}", "")

    assert find("viewdecorators", source).findings == []


CACHED = """
import functools, time
from flask import Flask, current_app, request, render_template
def cached(timeout=300, key="view/{}"):
    def decorator(view):
        @functools.wraps(view)
        def wrapped(*args, **values):
            store = current_app.extensions["pages"]
            kept = store.get(key.format(request.full_path))
            if kept is None:
                kept = view(*args, **values)
                {keep}
            return kept
        return wrapped
    return decorator
def templated(template=None):
    def decorator(view):
        @functools.wraps(view)
        def wrapped(*args, **values):
            found = view(*args, **values)
            return render_template(template or f"{request.endpoint}.html", **found)
        return wrapped
    return decorator
def init_pages(app):
    app.extensions["pages"] = {}
@templated()
def shown():
    return {"name": "x"}
def init(app):
    init_pages(app)
    app.add_url_rule("/", "shown", shown)
"""


def test_decorators_that_keep_and_that_render_are_found(find: Find) -> None:
    source = CACHED.replace("{keep}", "store[key.format(request.full_path)] = kept")

    assert find("viewdecorators", source, {"shown.html": "<p>{{ name }}"}).table == {
        "cached": "shop:cached",
        "init_app": "shop:init_pages",
        "templated": "shop:templated",
        "templated_page": "/",
    }


def test_a_decorator_that_keeps_nothing_is_none(find: Find) -> None:
    table = find("viewdecorators", CACHED.replace("{keep}", "pass"), {"shown.html": ""}).table

    assert "cached" not in table


# sqlite3

SQLITE = """
import sqlite3
from flask import Flask, current_app, g
def {get}():
    if "db" not in g:
        g.db = sqlite3.connect({where})
    return g.db
def make_tables():
    {get}().executescript("CREATE TABLE post (id INTEGER PRIMARY KEY)")
def close(error):
    db = g.pop("db", None)
    if db is not None:
        db.close()
def init(app):
    app.config.setdefault("{key}", app.root_path + "/shop.db")
    app.teardown_appcontext(close)
    app.add_url_rule("/list", "list", lambda: str({get}().execute("SELECT 1").fetchone()))
    app.add_url_rule("/plain", "plain", lambda: "plain")
"""


@pytest.mark.parametrize(("get", "key"), [("get_db", "DATABASE"), ("connection", "SHOP_FILE")])
def test_a_connection_and_its_setting_are_found(find: Find, get: str, key: str) -> None:
    where = f'current_app.config["{key}"]'
    source = SQLITE.replace("{get}", get).replace("{key}", key).replace("{where}", where)

    assert find("sqlite3", source).table == {
        "get_db": f"shop:{get}",
        "init_db": "shop:make_tables",
        "plain": "/plain",
    } | ({"database_config": key} if key != "DATABASE" else {})


def test_a_connection_whose_place_nobody_can_set_is_not_asked_about(find: Find) -> None:
    source = SQLITE.replace("{get}", "get_db").replace("{key}", "DATABASE")
    found = find("sqlite3", source.replace("{where}", '"file:kq?mode=memory", uri=True'))

    assert (found.table, list(found.guesses)) == ({}, ["get_db"])


# sqlalchemy

EXTENSION = """
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
db = SQLAlchemy()
class Person(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(80), unique=True, nullable=False)
class Address(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    person_id = db.Column(db.ForeignKey("person.id"), nullable=False)
    street = db.Column(db.String(80))
def init_db():
    db.create_all()
def init(app):
    app.config.{set}("SQLALCHEMY_DATABASE_URI", "sqlite://")
    db.init_app(app)
"""


def test_the_database_object_a_model_and_what_makes_tables_are_found(find: Find) -> None:
    pytest.importorskip("flask_sqlalchemy")

    assert find("sqlalchemy", EXTENSION.replace("{set}", "setdefault")).table == {
        "db": "shop:db",
        "model": "shop:Person",
        "init_db": "shop:init_db",
    }


def test_another_text_column_and_what_a_row_needs_are_found(find: Find) -> None:
    pytest.importorskip("flask_sqlalchemy")
    source = EXTENSION.replace("{set}", "setdefault").replace("    name =", "    title =")
    source = source.replace(
        "    street =", "    age = db.Column(db.Integer, nullable=False)\n    street ="
    )
    source = source.replace(
        "class Person(db.Model):",
        "class Person(db.Model):\n    size = db.Column(db.Integer, nullable=False)",
    )

    table = find("sqlalchemy", source).table

    assert (table["model"], table["column"], table["values"]) == (
        "shop:Person",
        "title",
        {"size": 1},
    )


def test_a_database_that_no_setting_changes_is_not_asked_about(find: Find) -> None:
    pytest.importorskip("flask_sqlalchemy")
    source = EXTENSION.replace(
        'app.config.{set}("SQLALCHEMY_DATABASE_URI", "sqlite://")',
        'app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"',
    )
    found = find("sqlalchemy", source)

    assert (found.table, list(found.guesses)) == ({}, ["db"])
