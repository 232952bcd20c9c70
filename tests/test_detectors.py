"""Detectors: each finds its pattern however it is written, and nothing where it is not there."""

from __future__ import annotations

import dataclasses
import importlib
import itertools
import textwrap
from collections.abc import Callable, Mapping, Sequence
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
        slug: str | Sequence[str],
        source: str,
        templates: Mapping[str, str] | None = None,
        *,
        factory: str = FACTORY,
        config: Mapping[str, Any] | None = None,
        submits: bool = False,
        logins: Mapping[str, Mapping[str, str]] | None = None,
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
        sends = {"submits": submits, "logins": logins}
        # What is found is asked about here, not how long that takes on a busy machine.
        with open_survey(subject, seconds=120, limit=time_limit, **sends) as survey:
            assert survey is not None
            survey.strict = True
            findings = detect(survey, [slug] if isinstance(slug, str) else slug)
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
        # Nothing of the layout is in it.
        "missing": "/conformance/missing",
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


def test_pages_whose_layout_only_rendering_can_tell_are_found_without_it(find: Find) -> None:
    section = "{% extends base or 'layout.html' %}"
    page = "{% extends 'section.html' %}{% block title %}a page{% endblock %}"
    templates = {
        "layout.html": LAYOUT, "section.html": section, "index.html": page, "about.html": page,
    }  # fmt: skip

    table = find("templateinheritance", PAGES, templates).table

    assert (table["pages"], table.get("layout")) == (["/", "/about"], None)


def test_an_error_that_is_no_page_has_nothing_to_extend(find: Find) -> None:
    source = PAGES + '    app.register_error_handler(404, lambda e: ({"error": "no"}, 404))\n'
    templates = {"layout.html": LAYOUT, "index.html": PAGE, "about.html": PAGE}

    assert "missing" not in find("templateinheritance", source, templates).table


def test_an_app_most_of_whose_pages_have_no_layout_has_none_for_its_errors(find: Find) -> None:
    page = "<!doctype html><title>x</title>"
    source = PAGES + '    app.add_url_rule("/more", "more", lambda: render_template("more.html"))\n'
    templates = {"layout.html": LAYOUT, "index.html": PAGE, "about.html": page, "more.html": page}

    assert find("templateinheritance", source, templates).table == {
        "layout": "layout.html",
        "pages": ["/"],
    }


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


MEMBERS = """
import flask
from flask import Flask, flash, redirect, request, session
def page(text):
    said = "".join(f"<p>{each}</p>" for each in flask.get_flashed_messages())
    return f"<!doctype html><title>x</title>{said}{text}"
def index():
    return page("<a href=/notes>notes</a>" if "who" in session else "<a href=/login>in</a>")
def login():
    if request.method == "POST":
        if (request.form["name"], request.form["password"]) == ("ada", "engine"):
            session["who"] = "ada"
            return redirect("/")
        {refusal}
    return page("<form method=post><input name=name><input name=password type=password></form>")
def notes():
    if "who" not in session:
        return redirect("/login")
    if request.method == "POST":
        flash("Saved.")
        return redirect("/")
    return page("<form method=post><input name=text></form>")
def init(app):
    app.add_url_rule("/", "index", index)
    app.add_url_rule("/login", "login", login, methods=["GET", "POST"])
    app.add_url_rule("/notes", "notes", notes, methods=["GET", "POST"])
"""

REFUSALS = [
    'flash("Wrong name or password.")',
    'flash("Wrong name or password."); return redirect("/login")',
    'flash("Wrong name or password.", "error"); return page("again"), 401',
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=["shown", "redirected", "refused"])
def test_what_a_login_says_to_another_password_is_found(find: Find, refusal: str) -> None:
    ada = {"name": "ada", "password": "engine"}

    found = find("flashing", MEMBERS.replace("{refusal}", refusal), logins={"ada": ada})

    wrong = {"name": "ada", "password": "not engine"}
    people = [each.value for each in found.findings if each.key == "ada.login"]
    assert people == [{"path": "/login", "form": ada}]
    assert found.table["failure"] == {"path": "/login", "form": wrong}
    assert found.table["error"] == "Wrong name or password."
    # Nothing else was sent.
    assert "trigger" not in found.table


def test_a_login_that_says_nothing_has_no_error(find: Find) -> None:
    ada = {"name": "ada", "password": "engine"}

    assert (
        "error"
        not in find("flashing", MEMBERS.replace("{refusal}", "pass"), logins={"a": ada}).table
    )


def test_a_login_that_says_something_else_the_second_time_is_no_trigger(find: Find) -> None:
    again = 'flash("Already in." if "who" in session else "Welcome."); session["who"]'
    source = MEMBERS.replace("{refusal}", REFUSALS[0]).replace('session["who"]', again, 1)
    ada = {"name": "ada", "password": "engine"}

    table = find("flashing", source, logins={"ada": ada}).table

    assert table["error"] == "Wrong name or password."
    assert "trigger" not in table


def test_forms_behind_a_login_are_submitted_by_whoever_logs_in(find: Find) -> None:
    source = MEMBERS.replace("{refusal}", REFUSALS[0])
    ada = {"name": "ada", "password": "engine"}

    table = find("flashing", source, submits=True, logins={"ada": ada}).table

    assert table["trigger"] == {"path": "/notes", "form": {"text": "conformance"}, "as": "ada"}
    assert table["success"] == "Saved."


NOTICE = """
import flask
from flask import Flask, flash, redirect, request
def form():
    if request.method == "POST":
        flash({message})
        return redirect("/")
    said = "".join(f"<p>{{each}}</p>" for each in flask.get_flashed_messages())
    return f"<!doctype html>{{said}}<form method=post><input name=note></form>"
def init(app):
    app.add_url_rule("/", "index", form, methods=["GET", "POST"])
"""


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ('request.form["note"]', True),
        ('"Noted: " + request.form["note"]', True),
        ("f\"{request.form['note']}!\"", True),
        ('"Noted: conformance"', False),
    ],
    ids=["alone", "after", "before", "always-the-same"],
)
def test_a_request_that_flashes_what_it_is_sent_is_found(
    find: Find, message: str, found: bool
) -> None:
    table = find("flashing", NOTICE.format(message=message), submits=True).table

    assert (table.get("text_field") == "note") is found
    assert ("notice" in table) is found


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
        "url_config": "SQLALCHEMY_DATABASE_URI",
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


# appdispatch

DISPATCH = """
from flask import Flask
class {name}:
    def __init__(self, {first}, create_app):
        self.first, self.create_app, self.made = {first}, create_app, {}
    def __call__(self, environ, start_response):
        {choose}
        return app(environ, start_response)
def init(app):
    pass
"""

BY_HOST = """name = environ["HTTP_HOST"].partition(".")[0]
        app = self.made.setdefault(name, self.create_app(name))"""
BY_PATH = """name, _, rest = environ["PATH_INFO"].lstrip("/").partition("/")
        app = self.create_app(name)
        if app is None:
            app = self.first
        else:
            environ["SCRIPT_NAME"] += "/" + name
            environ["PATH_INFO"] = "/" + rest"""


@pytest.mark.parametrize(
    ("name", "first", "choose", "key"),
    [
        ("Hosts", "domain", BY_HOST, "subdomain_dispatcher"),
        ("Customers", "base", BY_HOST, "subdomain_dispatcher"),
        ("PathDispatcher", "default_app", BY_PATH, "path_dispatcher"),
    ],
)
def test_dispatchers_are_known_by_what_they_dispatch(
    find: Find, name: str, first: str, choose: str, key: str
) -> None:
    source = DISPATCH.replace("{name}", name).replace("{first}", first).replace("{choose}", choose)

    assert find("appdispatch", source).table == {key: f"shop:{name}"}


def test_a_class_that_always_takes_the_first_app_dispatches_nothing(find: Find) -> None:
    source = DISPATCH.replace("{name}", "PathDispatcher").replace("{first}", "default_app")

    assert find("appdispatch", source.replace("{choose}", "app = self.first")).findings == []


def test_mounted_applications_are_found(find: Find) -> None:
    source = """
    from flask import Flask
    from werkzeug.middleware.dispatcher import DispatcherMiddleware
    def init(app):
        inner = Flask("inner")
        inner.add_url_rule("/home", "home", lambda: "home")
        app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/back": inner})
    """

    assert find("appdispatch", source).table == {"mounts": {"/back": "/home"}}


# subclassing, methodoverrides


def test_classes_of_the_apps_own_are_found(find: Find) -> None:
    source = """
    from flask import Flask, Request
    class ShopRequest(Request):
        pass
    class Shop(Flask):
        request_class = ShopRequest
    def init(app):
        app.add_url_rule("/", "index", lambda: "<p>x")
    """
    factory = FACTORY.replace("Flask(__name__)", "Shop(__name__)")

    assert find("subclassing", source, factory=factory).table == {
        "app_class": "shop:Shop",
        "request_class": "shop:ShopRequest",
        "ordered": False,
        "page": "/",
    }


def test_a_class_that_is_not_made_as_flask_is_is_not_asked_about(find: Find) -> None:
    source = """
    import flask
    class Admin(flask.Flask):
        def __init__(self, site):
            super().__init__(__name__)
            self.site = site
    """
    factory = """
    def create_app():
        return Admin("a site")
    """

    assert "app_class" not in find("subclassing", source, factory=factory).table


def test_a_request_class_that_is_set_on_the_app_is_found(find: Find) -> None:
    source = """
    from flask import Flask, Request
    class ShopRequest(Request):
        pass
    def init(app):
        app.request_class = ShopRequest
    """

    assert find("subclassing", source).table["request_class"] == "shop:ShopRequest"


OVERRIDE = """
from flask import Flask
class Rewrite:
    def __init__(self, app):
        self.app = app
    def __call__(self, environ, start_response):
        {change}
        return self.app(environ, start_response)
def init(app):
    app.wsgi_app = Rewrite(app.wsgi_app)
"""


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Method-Override"])
def test_middleware_that_changes_the_method_is_found(find: Find, header: str) -> None:
    key = f"HTTP_{header.upper().replace('-', '_')}"
    change = f"environ['REQUEST_METHOD'] = environ.get('{key}', environ['REQUEST_METHOD'])"
    table = find("methodoverrides", OVERRIDE.replace("{change}", change)).table

    assert table["middleware"] == "shop:Rewrite"
    assert table.get("header", "X-HTTP-Method-Override") == header


def test_middleware_that_is_called_override_and_is_none_is_left_alone(find: Find) -> None:
    source = OVERRIDE.replace("{change}", "pass").replace("Rewrite", "MethodOverride")

    assert find("methodoverrides", source).findings == []


# lazyloading, requestchecksum, deferredcallbacks

LAZY = """
from importlib import import_module
from flask import Flask
class Later:
    def __init__(self, import_name):
        self.__module__, self.__name__ = import_name.rsplit(".", 1)
        {when}
    def __call__(self, **values):
        return getattr(import_module(self.__module__), self.__name__)(**values)
def init(app):
    pass
"""


def test_a_view_that_is_imported_late_is_found(find: Find) -> None:
    assert find("lazyloading", LAZY.replace("{when}", "pass")).table == {"lazy_view": "shop:Later"}


def test_a_view_that_is_imported_at_once_is_not_lazy(find: Find) -> None:
    assert find("lazyloading", LAZY.replace("{when}", "import_module(self.__module__)")).table == {}


CHECKSUM = """
import hashlib, io
from flask import Flask
class Stream:
    def __init__(self, environ):
        self.stream, self.hash = environ["wsgi.input"], hashlib.{algorithm}()
        environ["wsgi.input"] = self
    def read(self, *args):
        data = self.stream.read(*args)
        self.hash.update(data)
        return data
    def readline(self, *args):
        data = self.stream.readline(*args)
        self.hash.update(data)
        return data
    def hexdigest(self):
        return self.hash.hexdigest()
class Early:
    def __init__(self, request):
        self.text = hashlib.sha1(request.stream.read()).hexdigest()
    def hexdigest(self):
        return self.text
def {name}(request):
    return {made}
def init(app):
    pass
"""


@pytest.mark.parametrize(("name", "algorithm"), [("generate_checksum", "sha1"), ("hashed", "md5")])
def test_a_checksum_of_what_is_read_is_found(find: Find, name: str, algorithm: str) -> None:
    source = CHECKSUM.replace("{name}", name).replace("{algorithm}", algorithm)
    source = source.replace(
        "return {made}",
        "request.environ.setdefault('x', 1)\n    env = request.environ\n"
        "    stream = Stream(env)\n    request.__dict__.pop('stream', None)\n    return Lazy(request, stream)",
    )
    source = source.replace("class Early:", "class Lazy:\n    def __init__(self, request, stream):\n"
        "        self.request, self.stream = request, stream\n    def hexdigest(self):\n"
        "        self.request.form\n        return self.stream.hexdigest()\nclass Early:")  # fmt: skip

    assert find("requestchecksum", source).table == {
        "generate_checksum": f"shop:{name}",
        "algorithm": algorithm,
    }


def test_a_checksum_that_uses_the_body_up_is_not_asked_about(find: Find) -> None:
    source = CHECKSUM.replace("{name}", "generate_checksum").replace("{algorithm}", "sha1")

    assert find("requestchecksum", source.replace("{made}", "Early(request)")).findings == []


DEFERRED = """
from flask import Flask, after_this_request, g, request
def remember():
    g.tongue = request.cookies.get("tongue") or request.accept_languages.best_match(["en", "de"]) or "en"
    {defer}
def init(app):
    app.before_request(remember)
    app.add_url_rule("/", "index", lambda: "<p>" + g.tongue)
"""


def test_a_hook_that_defers_a_cookie_is_found(find: Find) -> None:
    defer = """@after_this_request
    def keep(response):
        response.set_cookie("tongue", g.tongue)
        return response"""

    assert find("deferredcallbacks", DEFERRED.replace("{defer}", defer)).table == {
        "page": "/",
        "cookie": "tongue",
        "attribute": "tongue",
        "hook": "shop:remember",
        "after_this_request": "flask:after_this_request",
    }


def test_a_cookie_that_is_always_the_same_remembers_nothing(find: Find) -> None:
    defer = """@after_this_request
    def keep(response):
        response.set_cookie("seen", "yes")
        return response"""

    assert find("deferredcallbacks", DEFERRED.replace("{defer}", defer)).findings == []


# singlepageapplications, streaming

SINGLE = """
from flask import Flask
PAGE = "<!doctype html><html><script src=/app.js></script><div id=app>{}</div></html>"
def init(app):
    app.add_url_rule("{root}", "index", lambda: PAGE.format(""))
    app.add_url_rule("{root}<path:rest>", "rest", lambda rest: {answer})
    app.add_url_rule("/api/status", "status", lambda: {{"ready": True}})
    app.add_url_rule("/api/<path:rest>", "no", lambda rest: ({{"error": 404}}, 404))
"""


@pytest.mark.parametrize("root", ["/", "/app/"])
def test_a_page_for_all_paths_is_found(find: Find, root: str) -> None:
    source = SINGLE.replace("{root}", root).replace("{answer}", 'PAGE.format("")')
    table = find("singlepageapplications", source.replace("{{", "{").replace("}}", "}")).table

    assert table["entry"] == root
    assert table.get("api") == (["/api/status"] if root == "/" else None)
    assert table.get("api_prefix") == ("/api/" if root == "/" else None)


def test_a_wiki_whose_pages_differ_is_no_single_page(find: Find) -> None:
    answer = '"<!doctype html><h1>" + rest + "</h1>" + "<p>" * len(rest)'
    source = SINGLE.replace("{root}", "/").replace("{answer}", answer)

    found = find("singlepageapplications", source.replace("{{", "{").replace("}}", "}"))

    assert found.findings == []


STREAM = """
import importlib
import itertools
from flask import Flask, Response, request, session, stream_with_context
def all_rows():
    yield ["one", 1]
def table():
    def lines():
        for row in {rows}:
            yield ",".join(map(str, row)) + "\\n"
    return lines(), {"Content-Type": "text/csv"}
def hello():
    name = request.args.get("who", "")
    return Response(stream_with_context(iter(["hello ", name])), mimetype="text/plain")
def numbers():
    return Response(("x" * 999 for _ in itertools.count()), mimetype="text/plain")
def init(app):
    app.add_url_rule("/table", "table", table)
    app.add_url_rule("/hello", "hello", hello)
    app.add_url_rule("/numbers", "numbers", numbers)
"""


def test_streams_are_found_by_what_they_are(find: Find) -> None:
    assert find("streaming", STREAM.replace("{rows}", "all_rows()")).table == {
        "table": "/table",
        "rows": "shop:all_rows",
        "endless": "/numbers",
        "context": "/hello",
        "field": "who",
    }


def test_a_stream_with_a_value_in_its_path_is_found_where_a_page_leads_to_it(find: Find) -> None:
    source = """
    from flask import Flask, request, stream_with_context
    def echoed(count):
        asked = dict(request.args)
        return stream_with_context(f"{number} {asked}" for number in range(count))
    def init(app):
        app.add_url_rule("/", "index", lambda: '<a href="/echo/3">three</a>')
        app.add_url_rule("/echo/<int:count>", "echo", echoed)
    """

    assert find("streaming", source).table == {"context": "/echo/3"}


def test_a_table_whose_rows_nothing_can_take_the_place_of_is_not_asked_about(find: Find) -> None:
    found = find("streaming", STREAM.replace("{rows}", '[["one", 1]]'))

    assert "table" in found.guesses
    assert "rows" not in found.table


# caching, celery

KEEP = """
import functools
from flask import Flask, request
class Store:
    def __init__(self):
        self.kept = {}
    def get(self, key):
        return self.kept.get(key)
    def set(self, key, value, timeout=None):
        {store}
    def delete(self, key):
        self.kept.pop(key, None)
    def clear(self):
        self.kept.clear()
store = Store()
def kept(timeout=60):
    def decorator(view):
        @functools.wraps(view)
        def wrapped(*args, **values):
            found = store.get(request.full_path)
            if found is None:
                found = view(*args, **values)
                store.set(request.full_path, found)
            return found
        return wrapped
    return decorator
def init(app):
    pass
"""


def test_a_cache_and_its_decorator_are_found(find: Find) -> None:
    assert find("caching", KEEP.replace("{store}", "self.kept[key] = value")).table == {
        "cache": "shop:store",
        "cached": "shop:kept",
    }


KEPT = """
import functools, itertools, time
from flask import Flask, request, session
kept = {{}}
numbers = itertools.count()
def keep(seconds, by=lambda: request.path):
    def decorator(view):
        @functools.wraps(view)
        def wrapped():
            until, page = kept.get(by(), (0, ""))
            if until <= time.time():
                page = view()
                kept[by()] = time.time() + seconds, page
            return page
        return wrapped
    return decorator
@{decorator}
def page():
    {view}
def init(app):
    app.add_url_rule("/report", "report", page)
"""

NUMBERED = 'return f"report {next(numbers)}"'
ASKED = "return f\"{request.args.get('of', 'all')} {next(numbers)}\""


@pytest.mark.parametrize(
    ("decorator", "view", "more"),
    [
        ("keep(45)", NUMBERED, {"timeout": 45}),
        ("keep(300)", NUMBERED, {}),
        # Neither a usual time nor one that the decorator's function still has.
        ("keep(seconds=max(100, 111))", NUMBERED, {"timeout": 111}),
        ("keep(60, lambda: request.full_path)", ASKED, {"timeout": 60, "query_field": "of"}),
    ],
    ids=["short", "default", "computed", "by-query"],
)
def test_a_page_that_is_kept_is_found_with_how_long(
    find: Find, decorator: str, view: str, more: dict[str, Any]
) -> None:
    pytest.importorskip("time_machine")
    source = KEPT.format(decorator=decorator, view=view)

    assert find("caching", source).table == {"page": "/report", **more}

    names = {"timeout": "cached_timeout", "query_field": "cached_query"}
    expected = {names[key]: value for key, value in more.items()}
    assert find("viewdecorators", source).table == {"cached_page": "/report", **expected}


def test_a_page_that_an_extension_keeps_is_found(find: Find) -> None:
    pytest.importorskip("flask_caching")
    pytest.importorskip("time_machine")
    source = KEPT.format(decorator="cache.cached(timeout=50)", view=NUMBERED).replace(
        "def init(app):",
        "def init(app):\n"
        "    cache.init_app(app, {'CACHE_TYPE': 'SimpleCache', 'CACHE_NO_NULL_WARNING': True})",
    )
    source = source.replace("kept = {}", "from flask_caching import Cache\ncache = Cache()")

    table = find("caching", source).table

    assert (table["page"], table["timeout"]) == ("/report", 50)


@pytest.mark.parametrize(
    ("decorator", "view"),
    [
        ("functools.lru_cache", NUMBERED),
        ("keep(60)", "return 'always the same'"),
        ("keep(0)", NUMBERED),
        ("keep(60)", "session['seen'] = 1; " + NUMBERED),
    ],
    ids=["never-mended", "constant", "not-kept", "personal"],
)
def test_a_page_that_is_not_kept_or_is_somebodys_is_not_asked_about(
    find: Find, decorator: str, view: str
) -> None:
    source = KEPT.format(decorator=decorator, view=view)

    assert find("caching", source).table == find("viewdecorators", source).table == {}


def test_what_keeps_nothing_is_no_cache(find: Find) -> None:
    assert find("caching", KEEP.replace("{store}", "pass")).findings == []


def test_the_extension_is_found_with_what_sets_it_up(find: Find) -> None:
    pytest.importorskip("flask_caching")
    source = """
    from flask import Flask
    from flask_caching import Cache
    cache = Cache()
    def set_up_cache(app):
        app.config.setdefault("CACHE_TYPE", "SimpleCache")
        cache.init_app(app)
    def init(app):
        set_up_cache(app)
    """

    assert find("caching", source).table == {"cache": "shop:cache", "memoize": "shop:cache.memoize"}


def test_what_makes_a_celery_app_is_found(find: Find) -> None:
    pytest.importorskip("celery")
    source = """
    from celery import Celery
    from flask import Flask
    def make_queue(app):
        queue = Celery(app.name)
        queue.config_from_object(app.config["CELERY"])
        app.extensions["celery"] = queue
        return queue
    def fixed(app):
        return Celery(app.name, broker="memory://other")
    def init(app):
        pass
    """

    assert find("celery", source).table == {"celery_init_app": "shop:make_queue"}


def test_a_celery_app_that_heeds_no_settings_is_not_asked_about(find: Find) -> None:
    pytest.importorskip("celery")
    source = """
    from celery import Celery
    from flask import Flask
    def celery_init_app(app):
        return Celery(app.name, broker="memory://other")
    def init(app):
        pass
    """

    assert find("celery", source).table == {}


# wtforms

FORMS = """
from flask import Flask, render_template_string
from wtforms import Form, BooleanField, PasswordField, SelectField, StringField, validators
class Register(Form):
    name = StringField("Name", [validators.Length(min=4, max=25)])
    email = StringField("Email", [validators.Regexp("[^@]+@[^@]+")])
    password = PasswordField("Password", [validators.DataRequired(), validators.EqualTo("again")])
    again = PasswordField("Again")
    colour = SelectField("Colour", choices=["r", "b"])
    terms = BooleanField("Terms", [validators.DataRequired()])
class Never(Form):
    name = StringField("Name")
    def validate_name(self, field):
        raise validators.ValidationError("never")
PAGE = "<!doctype html><form method=post>{% for f in form %}{{ f }}{% endfor %}</form>"
def init(app):
    app.add_url_rule("/", "index", lambda: render_template_string(PAGE, form={form}()))
"""


def test_a_form_and_data_that_it_accepts_are_found(find: Find) -> None:
    pytest.importorskip("wtforms")
    found = find("wtforms", FORMS.replace("{form}", "Register"))

    assert found.table == {
        "form": "shop:Register",
        "valid": {
            "name": "conformance",
            "email": "conformance@example.org",
            "password": "conformance",
            "again": "conformance",
            "colour": "r",
            "terms": "y",
        },
    }
    assert found.guesses == {"page": "/"}


API_FORMS = """
from flask import Flask
from flask_wtf import FlaskForm
from wtforms import Form, StringField, validators
class Sent({base}):
    title = StringField("Title", [validators.InputRequired()])
    {meta}
{more}
def init(app):
    pass
"""
NO_TOKEN = "class Meta:\n        csrf = False"


@pytest.mark.parametrize(
    ("base", "meta", "more", "found"),
    [
        ("FlaskForm", "", "", True),
        ("Form", "", "", True),
        ("FlaskForm", NO_TOKEN, "", False),
        ("Form", NO_TOKEN, "", False),
        ("FlaskForm", NO_TOKEN, "class More(Sent):\n    size = StringField('Size')", False),
    ],
    ids=["extension", "plain", "without", "plain without", "inherited"],
)
def test_a_form_that_does_without_a_token_by_itself_is_for_scripts(
    find: Find, base: str, meta: str, more: str, found: bool
) -> None:
    pytest.importorskip("flask_wtf")
    source = API_FORMS.format(base=base, meta=meta or "size = None", more=more)

    assert ("form" in find("wtforms", source).table) is found


LINKS = """
import flask
from flask import Flask, redirect, render_template_string, request
from flask_wtf import FlaskForm
from wtforms import StringField, URLField
from wtforms.validators import InputRequired
class Link(FlaskForm):
    url = URLField("URL", [InputRequired()])
    title = StringField("Title", [InputRequired()])
    def validate_url(self, field):
        if {refused}:
            raise ValueError("We have that.")
links = []
def new():
    form = Link()
    if form.validate_on_submit():
        links.append({"url": form.url.data, "title": form.title.data})
        return redirect("/")
    return render_template_string(
        "<!doctype html><form method=post>{{ form.csrf_token }}{{ form.url }}{{ form.title }}"
        "</form>", form=form)
def index():
    return render_template_string("<!doctype html><a href=/new>new</a>{{ links }}", links=links)
def init(app):
    links.clear()
    app.add_url_rule("/", "index", index)
    app.add_url_rule("/new", "new", new, methods=["GET", "POST"])
"""


def test_a_form_is_found_with_the_address_that_must_be_new_and_what_shows_it(find: Find) -> None:
    pytest.importorskip("flask_wtf")
    refused = "any(each['url'] == field.data for each in links)"

    table = find("wtforms", LINKS.replace("{refused}", refused), submits=True).table

    assert table["valid"] == {"url": "https://example.org/kq7{n}", "title": "conformance"}
    assert (table["page"], table["unique"], table["effects"]) == ("/new", "url", "/")
    assert table["marked"] == "title"


def test_a_form_whose_texts_no_page_shows_has_no_effects(find: Find) -> None:
    pytest.importorskip("flask_wtf")
    source = LINKS.replace("{refused}", "False").replace("links=links", "links=len(links)")

    table = find("wtforms", source, submits=True).table

    assert "unique" not in table
    assert "effects" not in table


def test_a_login_is_no_form_to_get_right(find: Find) -> None:
    pytest.importorskip("flask_wtf")
    source = LINKS.replace("{refused}", "False")
    source = source.replace("links.append(", "flask.session['me'] = dict(")

    assert "page" not in find("wtforms", source, submits=True).table


def test_a_form_that_accepts_nothing_that_is_tried_is_not_asked_about(find: Find) -> None:
    pytest.importorskip("wtforms")
    source = FORMS.replace("{form}", "Never").replace("class Register(Form)", "class Register")

    assert find("wtforms", source).findings == []


# javascript

SCRIPTED = """
from flask import Flask, json, render_template, request, url_for
things = {7: {"id": 7, "name": "seven"}}
def index():
    return render_template("index.html", data={data}, name=request.args.get("name", "x"))
def hello(name):
    return "hello " + name
def init(app):
    app.add_url_rule("/", "index", index)
    app.add_url_rule("/hello/<name>", "hello", hello)
    app.add_url_rule("/api/things", "things", lambda: list(things.values()))
    app.add_url_rule("/api/things/<int:n>", "thing", lambda n: things[n])
"""


@pytest.mark.parametrize(
    ("markup", "key", "place"),
    [
        ("<script>const chart = {{ data|tojson }};</script>", "script", "chart"),
        ("<script id=d type=application/json>{{ data|tojson }}</script>", "script", "#d"),
        ("<p data-chart='{{ data|tojson }}'>", "attribute", "data-chart"),
    ],
)
def test_a_value_that_a_page_hands_to_its_script_is_found(
    find: Find, markup: str, key: str, place: str
) -> None:
    source = SCRIPTED.replace("{data}", 'json.loads(request.args.get("values", "[]"))')
    table = find(
        "javascript", source, {"index.html": f"<!doctype html><html>{markup}</html>"}
    ).table

    assert (table["page"], table[key], table["value_field"]) == ("/", place, "values")
    assert (table["listing"], table["detail"], table["known"]) == (
        "/api/things",
        "/api/things/{id}",
        "7",
    )


def test_a_url_and_the_root_that_a_script_gets_are_found(find: Find) -> None:
    markup = (
        "<script>const u = {{ url_for('hello', name=name)|tojson }};"
        "const root = {{ request.script_root|tojson }}, d = {{ data|tojson }};</script>"
    )
    source = SCRIPTED.replace("{data}", 'request.args.get("text", "")')
    table = find(
        "javascript", source, {"index.html": f"<!doctype html><html>{markup}</html>"}
    ).table

    assert (table["url"], table["url_field"], table["script_root"]) == ("u", "name", "root")
    assert (table["value_field"], table["value_kind"]) == ("text", "text")


DETAILS = """
from flask import Flask, abort
things = {{{known}: "x"}}
def init(app):
    app.add_url_rule("/api/things", "things", lambda: {listing})
    app.add_url_rule("/api/things/<{argument}>", "thing", show)
def show(n):
    if n not in things:
        {otherwise}
    return {{"name": things[n]}}
"""


@pytest.mark.parametrize(
    ("values", "table"),
    [
        ({"known": 7, "listing": '{"data": {"items": [{"id": 7}]}}'}, {"known": "7"}),
        ({"known": '"ada"', "listing": '[{"id": "ada"}]', "argument": "n"}, {"known": "ada"}),
        # Nothing lists it: the first that there may be.
        ({"known": 1, "listing": "{}"}, {}),
    ],
    ids=["nested", "text", "first"],
)
def test_a_thing_in_json_is_found_by_its_id(
    find: Find, values: dict[str, Any], table: dict[str, Any]
) -> None:
    source = DETAILS.format(**{"argument": "int:n", "otherwise": "abort(404)", **values})

    found = {**find("javascript", source).table}
    found.pop("listing", None)

    assert found == {"detail": "/api/things/{id}", **table}


SENT = """
from flask import Flask, request
def form():
    return "<!doctype html><form method=post action=/sent><input name=text><input name=n></form>"
def init(app):
    app.add_url_rule("/", "form", form)
    app.add_url_rule("/sent", "sent", lambda: {answer}, methods=["POST"])
"""


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        ('{"form": request.form.to_dict()}', "text"),
        ('{"said": request.form["text"]}', "text"),
        ('{"by": [request.values.get("n")]}', "n"),
        ('{"length": len(request.form["text"])}', None),
        ('{"id": request.form["text"] if request.form["text"].isalnum() else None}', None),
    ],
    ids=["all", "one", "another", "none", "identifier"],
)
def test_a_form_that_is_answered_with_json_is_found(
    find: Find, answer: str, field: str | None
) -> None:
    table = find("javascript", SENT.replace("{answer}", answer), submits=True).table

    assert table.get("form_field") == field
    assert ("form" in table) is (field is not None)


def test_what_is_there_whatever_the_id_is_no_thing(find: Find) -> None:
    source = DETAILS.format(
        known=1, listing="{}", argument="int:n", otherwise='return {"name": "another"}'
    )

    assert find("javascript", source).table == {}


def test_a_value_that_only_readers_see_is_not_handed_to_a_script(find: Find) -> None:
    page = "<!doctype html><html><script>let x = 1</script><p>{{ name }}</p></html>"
    table = find("javascript", SCRIPTED.replace("{data}", "1"), {"index.html": page}).table

    assert set(table) == {"listing", "detail", "known"}


# fileuploads

UPLOADS = """
from flask import Flask, current_app, request, send_from_directory
{names} = {"png", "txt"}
def page():
    return '<!doctype html><form method=post enctype=multipart/form-data><input type=file name={field}>{more}</form>'
def upload():
    file = request.files["{field}"]
    if file.filename.rpartition(".")[2] not in {names}:
        return "no", 400
    file.save(current_app.config["{key}"] + "/x")
    return "stored"
def download(name):
    return send_from_directory(current_app.config["{key}"], name)
def init(app):
    app.config.setdefault("{key}", "/nowhere")
    app.add_url_rule("/", "page", page)
    app.add_url_rule("/", "upload", upload, methods=["POST"])
    app.add_url_rule("/files/<name>", "download", download)
"""


def uploads(names: str, field: str, key: str, more: str = "") -> str:
    source = UPLOADS.replace("{names}", names).replace("{field}", field)
    return source.replace("{key}", key).replace("{more}", more)


@pytest.mark.parametrize(
    ("names", "field", "key"),
    [
        ("ALLOWED_EXTENSIONS", "file", "UPLOAD_FOLDER"),
        ("IMAGE_EXTS", "photo", "MEDIA_ROOT"),
        ("EXTENSIONS", "f", "SHOP_UPLOADS"),
    ],
)
def test_an_upload_and_its_folder_are_found(find: Find, names: str, field: str, key: str) -> None:
    table = find("fileuploads", uploads(names, field, key)).table

    assert table == {
        "page": "/",
        "upload": "/",
        "extensions": ["png", "txt"],
        "download": "/files/{name}",
        "folder": key,
    } | ({"field": field} if field != "file" else {})


def test_a_form_with_more_than_the_file_is_for_a_person_to_fill_in(find: Find) -> None:
    source = uploads("ALLOWED_EXTENSIONS", "file", "UPLOAD_FOLDER", "<input name=title>")
    found = find("fileuploads", source)

    assert found.table == {}
    assert {"page", "upload", "extensions"} <= set(found.guesses)


# What is so of one app only.


def test_a_page_that_has_moved_to_one_with_a_password_is_not_behind_a_login(find: Find) -> None:
    source = """
    from flask import Flask, redirect
    def init(app):
        form = "<!doctype html><form method=post><input name=p type=password></form>"
        app.add_url_rule("/", "home", lambda: form, methods=["GET", "POST"])
        app.add_url_rule("/lang/de", "language", lambda: redirect("/"))
    """

    assert find("viewdecorators", source).findings == []


def test_a_page_that_is_there_only_after_another_was_visited_is_not_asked_about(find: Find) -> None:
    source = """
    from flask import Flask, abort
    def init(app):
        made = []
        app.add_url_rule("/demo", "demo", lambda: made.append(1) or "<a href=/demo/all>all</a>")
        app.add_url_rule("/demo/all", "all", lambda: made or abort(404))
    """
    found = find("javascript", source)

    assert (found.table, found.guesses) == ({}, {"listing": "/demo/all"})


def test_a_page_with_words_of_its_own_for_categories_is_not_asked_for_them(find: Find) -> None:
    shown = (
        "{% for c, m in get_flashed_messages(true) %}"
        "<p class='{{ 'info' if c == 'message' else c }}'>{{ m }}</p>{% endfor %}"
    )
    found = find("flashing", FLASHING, {"index.html": f"<!doctype html><title>x</title>{shown}"})

    assert "category_in" not in found.table
    assert found.guesses == {"category_in": "class"}


def test_what_a_table_puts_before_a_formula_is_found(find: Find) -> None:
    source = STREAM.replace("{rows}", "all_rows()").replace(
        '",".join(map(str, row))',
        '",".join(f" {c}" if str(c).startswith("=") else str(c) for c in row)',
    )

    assert find("streaming", source).table["defang"] == " "


# Packages.


@pytest.fixture
def look_at_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., dict[str, Any]]:
    """Write an app in a package called `shop...`; return what is found of it, under that name."""

    def write_and_look(
        folder: str, project: str | None, *, place: str = "", named: bool = True
    ) -> dict[str, Any]:
        top = f"shop{next(_numbers)}"
        package = tmp_path / folder / top
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("import flask\napp = flask.Flask(__name__)\n")
        if project is not None:
            (tmp_path / place / "pyproject.toml").write_text(project)
        monkeypatch.chdir(tmp_path)
        monkeypatch.syspath_prepend(str(package.parent))
        app: Any = f"{top}:app" if named else importlib.import_module(top).app
        with open_survey(Subject(app=app), limit=time_limit) as survey:
            assert survey is not None
            survey.strict = True
            found = detect(survey, ["packages"])
        assert all(each.confirmed for each in found)
        return {each.key: each.value.replace(top, "shop") for each in found}

    return write_and_look


PROJECT = """
[project]
name = "shop"
[build-system]
requires = ["flit_core"]
"""


@pytest.mark.parametrize(("folder", "place", "project"), [
    ("", "", "."), ("src", "", "."), ("backend", "backend", "backend"),
    ("backend/src", "backend", "backend"),
])  # fmt: skip
def test_a_package_is_found_with_the_project_that_builds_it(
    look_at_package: Callable[..., dict[str, Any]], folder: str, place: str, project: str
) -> None:
    found = look_at_package(folder, PROJECT, place=place)

    assert found == {"package": "shop:app", "project": project}


@pytest.mark.parametrize(("folder", "project"), [
    ("", None),
    # Only what tools are told.
    ("", "[tool.ruff]\nline-length = 100\n"),
    ("", '[project]\nname = "shop"\n'),
    # Two folders up is another project's, unless the one between is called src.
    ("backend", PROJECT),
    ("venv/lib/site-packages", PROJECT),
])  # fmt: skip
def test_a_package_whose_project_is_not_known_is_found_alone(
    look_at_package: Callable[..., dict[str, Any]], folder: str, project: str | None
) -> None:
    assert look_at_package(folder, project) == {"package": "shop:app"}


def test_an_app_without_a_name_is_in_no_package(
    look_at_package: Callable[..., dict[str, Any]],
) -> None:
    assert look_at_package("", PROJECT, named=False) == {}


@pytest.mark.parametrize(
    ("init", "wsgi", "package"),
    [
        ("app = flask.Flask(__name__)", "from {top} import app", "shop:app"),
        ("app = flask.Flask(__name__)", "import {top}\napp = {top}.app", "shop:app"),
        ("application = flask.Flask(__name__)", "from {top} import *\napp = application",
         "shop:application"),
        # One that only a call gives has no name in the package.
        ("def create_app(): return flask.Flask(__name__)",
         "import {top}\napp = {top}.create_app()", None),
        ("def create_app(): return flask.Flask(__name__)",
         "import {top}\ndef app(): return {top}.create_app()", None),
    ],
    ids=["imported", "attribute", "renamed", "called", "factory"],
)  # fmt: skip
def test_a_module_that_sets_up_the_app_of_a_package_is_not_that_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, init: str, wsgi: str, package: str | None
) -> None:
    top = f"shop{next(_numbers)}"
    folder = tmp_path / top
    folder.mkdir()
    (folder / "__init__.py").write_text(f"import flask\n{init}\n")
    (tmp_path / f"wsgi_{top}.py").write_text(f"{wsgi.format(top=top)}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))

    with open_survey(Subject(app=f"wsgi_{top}:app"), limit=time_limit) as survey:
        assert survey is not None
        survey.strict = True
        found = {each.key: each.value for each in detect(survey, ["packages"])}

    assert found.get("package", "").replace(top, "shop") == (package or "")


def test_a_module_is_no_package(find: Find) -> None:
    assert find("packages", PLAIN).table == {}
