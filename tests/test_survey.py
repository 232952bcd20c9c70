"""Surveys of a subject: what they see, what they send, and how a run uses what was found."""

from __future__ import annotations

import json
import re
import sqlite3
import sys
import time
from pathlib import Path
from typing import Any

import flask
import pytest

from conformance.detectors import Finding
from conformance.reports.configuration import write_configuration
from conformance.runner.survey import with_findings
from conformance.subject import Subject
from conformance.survey import Survey, open_survey

from .command import Run, conformance

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SHOP = """
from flask import Flask, flash, get_flashed_messages, render_template, request, session
asked = []
def create_app(config=None):
    app = Flask(__name__)
    app.config.update(SECRET_KEY="dev", **(config or {}))
    @app.before_request
    def note():
        open({log!r}, "a").write(f"{request.method} {request.full_path}\\n")
    @app.get("/")
    def index():
        session["seen"] = "yes"
        return render_template("index.html")
    @app.route("/delete/<int:number>", methods=["GET", "POST"])
    def delete(number):
        return "gone"
    @app.get("/logout")
    def logout():
        return "bye"
    @app.get("/thing/<int:number>")
    def thing(number):
        return f"<a href='/thing/{number + 1}'>next</a>"
    @app.post("/buy")
    def buy():
        return "bought"
    @app.get("/stuck")
    def stuck():
        import time
        time.sleep(60)
    return app
"""

INDEX = (
    "<!doctype html><title>x</title><link rel=icon href=/static/i.png>"
    "<a href=/thing/1>a thing</a><a href=/delete/1>delete</a><form method=post action=/buy></form>"
    "{% for m in get_flashed_messages() %}{{ m }}{% endfor %}"
)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    log = tmp_path / "log"
    (tmp_path / "shop.py").write_text(SHOP.replace("{log!r}", repr(str(log))))
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "index.html").write_text(INDEX)
    return tmp_path


def checked(folder: Path, *arguments: str) -> dict[str, Any]:
    run = conformance(folder, "check", *arguments, "--json", "result.json")
    assert run.code in (0, 1), run
    result: dict[str, Any] = json.loads((folder / "result.json").read_text())
    return result


def opened(app: flask.Flask) -> Survey:
    with open_survey(Subject(app=app)) as survey:
        assert survey is not None
        return survey


# What is seen.


def test_an_exchange_has_what_flask_told_meanwhile() -> None:
    app = flask.Flask(__name__)
    app.secret_key = "key"

    @app.get("/")
    def index() -> Any:
        flask.session["cart"] = 1
        flask.flash("hello", "greeting")
        flask.g.shop = "acme"
        return flask.render_template_string("{{ name }}", name="x"), {"Refresh": "1"}

    survey = opened(app)
    (exchange,) = survey.pages

    assert (exchange.endpoint, exchange.status) == ("index", 200)
    assert exchange.messages == [("hello", "greeting")]
    assert exchange.templates[0][1]["name"] == "builtins.str"
    assert {"cart", "_flashes"} <= exchange.session_after
    assert exchange.kept == {"shop": "acme"}


def test_what_a_view_raises_is_an_exchange_too() -> None:
    app = flask.Flask(__name__)
    app.add_url_rule("/", "index", lambda: 1 / 0)

    (exchange,) = opened(app).pages

    assert exchange.status == 500
    assert "ZeroDivisionError" in exchange.error


def test_an_answer_without_an_end_is_cut() -> None:
    app = flask.Flask(__name__)
    app.add_url_rule("/", "index", lambda: flask.Response(b"x" * 1000 for _ in iter(int, 1)))

    (exchange,) = opened(app).pages

    assert (exchange.streamed, exchange.cut) == (True, True)


def test_methods_that_may_change_something_are_never_sent() -> None:
    survey = opened(flask.Flask(__name__))

    with pytest.raises(ValueError, match="sends no POST"):
        survey.crawl.get("/", method="POST")


# What a run makes of it.


def test_a_run_without_a_configuration_asks_about_what_it_finds(shop: Path) -> None:
    result = checked(shop, "shop:create_app", "-p", "flashing", "--max-examples", "5")

    survey = result["survey"]
    assert [(each["key"], each["value"]) for each in survey["findings"]] == [("page", "/")]
    asked = [each for each in result["clauses"] if each["verdict"] in ("pass", "fail")]
    assert asked
    assert all("patterns.flashing.page" in each["found"] for each in asked)
    sent = (shop / "log").read_text() if (shop / "log").exists() else ""
    assert "POST /buy" not in sent


def test_a_survey_visits_nothing_that_may_do_something(shop: Path) -> None:
    (shop / "conformance.toml").write_text('disposable = ["log"]\n')
    run = conformance(
        shop, "check", "shop:create_app", "--config", "conformance.toml", "-p", "favicon"
    )
    sent = (shop / "log").read_text().splitlines()

    assert "no pattern found" in run.out
    assert {line.partition(" ")[0] for line in sent} <= {"GET", "HEAD", "OPTIONS"}
    visited = {line.split()[1].partition("?")[0] for line in sent}
    assert "/" in visited
    assert "/thing/1" in visited
    assert not visited & {"/delete/1", "/logout", "/buy"}
    assert run.seconds < 30


def test_pages_that_fail_in_a_survey_are_told_with_the_line_that_failed(shop: Path) -> None:
    (shop / "till.py").write_text(
        "import flask\n"
        "app = flask.Flask(__name__)\n"
        "@app.before_request\n"
        "def connect():\n"
        "    if flask.request.path != '/fine':\n"
        "        len(app.config.get('URL'))\n"
        "for path in ('/', '/a', '/fine'):\n"
        "    app.add_url_rule(path, path, lambda: 'here')\n"
    )
    run = conformance(shop, "check", "till:app", "-p", "flashing", "--json", "result.json")

    error = "TypeError: object of type 'NoneType' has no len() (till.py:6 in connect)"
    assert f"GET / and 1 more failed: {error}" in run.out
    failed = json.loads((shop / "result.json").read_text())["survey"]["failed"]
    assert {each["request"] for each in failed} == {"GET /", "GET /a"}


def test_a_survey_can_be_switched_off(shop: Path) -> None:
    result = checked(shop, "shop:create_app", "--no-survey", "-p", "appfactories", "-p", "flashing")

    assert result["survey"] is None
    verdicts = {each["verdict"] for each in result["clauses"] if each["pattern"] == "flashing"}
    assert verdicts == {"untested"}


def test_where_a_pattern_is_typed_nothing_is_looked_for(shop: Path) -> None:
    (shop / "conformance.toml").write_text(
        'app = "shop:create_app"\n[patterns.favicon]\npage = "/"\n'
    )

    assert checked(shop, "-p", "favicon")["survey"] is None


def test_what_is_typed_wins() -> None:
    table = {"patterns": {"flashing": {"page": "/typed"}, "wtforms": [{"name": "a"}]}}
    found = [
        {"pattern": "flashing", "key": "page", "value": "/", "evidence": "a", "confirmed": True},
        {"pattern": "flashing", "key": "elsewhere", "value": ["/a"], "evidence": "b", "confirmed": True},
        {"pattern": "favicon", "key": "page", "value": "/", "evidence": "c", "confirmed": False},
        {"pattern": "wtforms", "key": "page", "value": "/", "evidence": "d", "confirmed": True},
    ]  # fmt: skip

    merged, evidence = with_findings(table, found)

    assert merged["patterns"] == {
        "flashing": {"page": "/typed", "elsewhere": ["/a"]},
        "wtforms": [{"name": "a"}],
    }
    assert evidence == {"patterns.flashing.elsewhere": "b"}


def test_an_app_that_ends_the_survey_is_asked_all_the_same(shop: Path) -> None:
    source = (shop / "shop.py").read_text().replace('return "bye"', "pass")
    source = source.replace('session["seen"] = "yes"', "import os, sys\n        os._exit(3)")
    (shop / "shop.py").write_text(source)

    clauses = ("--clause", "favicon.link", "--clause", "appfactories.fresh-instance")
    run = conformance(shop, "check", "shop:create_app", *clauses)

    assert run.code == 0
    assert "the survey: the process ended (exit status 3)" in run.out


def test_a_database_that_is_there_is_left_alone_and_each_app_gets_its_own(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(
        "import sqlite3\nfrom flask import Flask, current_app\n"
        "def create_app(config=None):\n"
        "    app = Flask(__name__)\n"
        "    app.config.update({'DATABASE': 'shop.db', **(config or {})})\n"
        "    @app.get('/')\n"
        "    def index():\n"
        "        with sqlite3.connect(app.config['DATABASE']) as db:\n"
        "            db.execute('CREATE TABLE IF NOT EXISTS seen (at)')\n"
        "            db.execute('INSERT INTO seen VALUES (1)')\n"
        "        return '<!doctype html><title>x</title>'\n"
        "    return app\n"
    )
    with sqlite3.connect(tmp_path / "shop.db") as db:
        db.execute("CREATE TABLE kept (text)")
    before = (tmp_path / "shop.db").read_bytes()

    result = checked(tmp_path, "shop:create_app", "-p", "appfactories", "--max-examples", "2")

    assert result["survey"]["config"] == {"DATABASE": "{copy:shop.db}"}
    assert (tmp_path / "shop.db").read_bytes() == before
    assert result["summary"]["pass"]


# Writing it down.


def initialised(folder: Path, *arguments: str) -> Run:
    return conformance(folder, "init", *arguments)


def test_init_writes_a_configuration_that_asks_the_same(shop: Path) -> None:
    run = initialised(shop, "shop:create_app", "--write", "conformance.toml")

    text = (shop / "conformance.toml").read_text()
    assert run.code == 0
    assert 'app = "shop:create_app"' in text
    assert '# it showed a message flashed into the session\npage = "/"' in text
    assert re.search(r"^flashing +1 +\d+ +\d+  \w+ \(\+\d+\)", run.out, re.MULTILINE)
    assert checked(shop, "-p", "flashing", "--max-examples", "2")["summary"]["pass"]


def test_init_writes_to_standard_output_what_can_be_redirected(shop: Path) -> None:
    run = initialised(shop, "shop:create_app")

    assert tomllib.loads(run.out)["patterns"]["flashing"] == {"page": "/"}
    assert "askable" in run.err
    assert not (shop / "conformance.toml").exists()


def test_init_keeps_what_a_person_wrote(shop: Path) -> None:
    mine = (
        "# mine\n[tool.other]\nx = 1\n\n[tool.conformance]\napp = 'shop:create_app' # mine too\n"
        "[tool.conformance.patterns.flashing]\npage = '/typed'\n"
    )
    (shop / "pyproject.toml").write_text(mine)

    assert initialised(shop, "--write", "pyproject.toml").code == 0

    text = (shop / "pyproject.toml").read_text()
    data = tomllib.loads(text)["tool"]
    assert text.startswith("# mine\n")
    assert "# mine too" in text
    assert data["other"] == {"x": 1}
    assert data["conformance"]["patterns"]["flashing"]["page"] == "/typed"


def test_init_again_changes_nothing(shop: Path) -> None:
    initialised(shop, "shop:create_app", "--write", "conformance.toml")
    once = (shop / "conformance.toml").read_text()
    initialised(shop, "--write", "conformance.toml")

    found = tomllib.loads((shop / "conformance.toml").read_text())
    assert found == tomllib.loads(once)


def test_init_of_an_app_without_patterns_says_so(tmp_path: Path) -> None:
    (tmp_path / "bare.py").write_text(
        "from flask import Flask\ndef create_app(): return Flask('bare')\n"
    )

    run = initialised(tmp_path, "bare:create_app")

    assert run.code == 4
    assert "no pattern found" in run.err


def test_doctor_says_who_gave_each_key_and_what_to_bind_next(shop: Path) -> None:
    text = 'app = "shop:create_app"\n[patterns.favicon]\npage = "/"\n[patterns.flashing]\nelsewhere = ["/logout"]\n'
    (shop / "conformance.toml").write_text(text)
    run = conformance(shop, "doctor", "--survey", "-p", "flashing", "-p", "favicon")

    assert re.search(
        r"^typed   flashing.elsewhere, favicon.page|^typed   favicon.page, flashing.elsewhere",
        run.out,
        re.M,
    )
    assert re.search(r"^found   flashing.page$", run.out, re.M)
    assert re.search(r"^default .*favicon.root", run.out, re.M)
    assert re.search(r"^found  flashing.page +\"/\": it showed a message", run.out, re.M)
    assert re.search(r"^next   flashing.\w+ +\d clauses? more could be asked", run.out, re.M)


@pytest.mark.parametrize("pyproject", [False, True])
def test_init_writes_how_somebody_logs_in_for_all_patterns(pyproject: bool) -> None:
    login = {"path": "/login", "form": {"user": "..."}}
    findings = [
        Finding("viewdecorators", "login", login, "only you know who can log in", confirmed=False),
        Finding("viewdecorators", "logout", "/logout", "its name", confirmed=False),
        Finding("viewdecorators", "protected", "/account", "it redirects"),
    ]
    survey = {"config": {}, "outline": [], "findings": [each.to_json() for each in findings]}
    text = write_configuration("", app="shop:app", survey=survey, pyproject=pyproject)

    head = "[tool.conformance.people.NAME]" if pyproject else "[people.NAME]"
    assert f"# {head}\n" in text
    written = tomllib.loads(
        "\n".join(
            line.removeprefix("# ") if line.startswith((f"# {head}", "# log", "# shows")) else line
            for line in text.splitlines()
        )
    )
    table = written["tool"]["conformance"] if pyproject else written
    assert Subject.from_table(table, source="x", app=lambda: None).patterns[
        "viewdecorators"
    ].login.form == {"user": "..."}
    assert write_configuration(text, app="shop:app", survey=survey, pyproject=pyproject) == text


def test_an_app_that_takes_long_to_build_leaves_the_survey_the_time_for_it() -> None:
    def create_app() -> flask.Flask:
        time.sleep(0.2)
        return flask.Flask("slow")

    with open_survey(Subject(app=create_app), seconds=5) as slow:
        assert slow is not None
        assert slow.left > 5 + 15 * 0.2

    with open_survey(Subject(app=lambda: flask.Flask("quick")), seconds=5) as quick:
        assert quick is not None
        assert quick.left < 6
