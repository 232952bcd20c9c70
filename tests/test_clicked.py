"""Other ways to hear: pytest's own run, a person who clicks, and forms that the survey fills in."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask
import pytest
from werkzeug.test import EnvironBuilder

from conformance.core.errors import ConfigError
from conformance.instruments.html import Page
from conformance.runner.record import Recorder
from conformance.survey.hearing import Hearing
from conformance.survey.submit import filled, read_login

from .command import conformance
from .test_heard import tree, write, write_shop

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_shop(tmp_path)
    # One pattern is enough to see that clauses are asked.
    write(tmp_path, "conformance.toml", "suites = []\n")
    return tmp_path


# pytest --conformance


def heard_by_pytest(
    folder: Path, *options: str
) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    plain = ("-p", "no:cacheprovider", "-p", "no:randomly", "--conformance-max-examples", "1")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--conformance", *plain, *options,
         "--conformance-json", "result.json"],
        cwd=folder, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), *sys.path])},
    )  # fmt: skip
    file = folder / "result.json"
    return done, json.loads(file.read_text()) if file.exists() else {}


@pytest.mark.parametrize("options", [[], ["-n", "2"]], ids=["alone", "xdist"])
def test_one_flag_hears_the_tests_and_asks_the_clauses(project: Path, options: list[str]) -> None:
    if options:
        pytest.importorskip("xdist")
    before = tree(project)

    done, result = heard_by_pytest(project, *options)

    assert "3 passed" in done.stdout, done.stdout + done.stderr
    assert result["complete"]
    assert result["subject"]["app"] == "fixture:app"
    assert result["survey"]["heard"] == "heard 12 requests in 3 tests"
    verdicts = {row["id"]: row["verdict"] for row in result["clauses"]}
    assert verdicts["flashing.success-and-error"] == "pass"
    assert verdicts["sqlite3.commit-visible"] == "pass"
    assert "broken" not in verdicts.values()
    # A clause fails: the signing key is a published one.
    assert verdicts["flashing.secret"] == "fail"
    assert done.returncode == 1
    after = tree(project)
    assert {name: after[name] for name in before} == before


def test_without_an_app_there_is_one_sentence(tmp_path: Path) -> None:
    write(tmp_path, "test_it.py", "def test_it(): pass\n")

    done, result = heard_by_pytest(tmp_path)

    assert "1 passed" in done.stdout
    assert "no fixture of a conftest and no test case gives a Flask app" in done.stdout
    assert (done.returncode, result) == (2, {})


def test_without_the_flag_nothing_is_heard(project: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"],
        cwd=project, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(project), *sys.path])},
    )  # fmt: skip

    assert (done.returncode, "conformance" in done.stdout) == (0, False)


# conformance record


def clicked(url: str, path: str, **form: str) -> str:
    """Open a page with a browser's cookies, and submit a form where one is given."""
    data = urllib.parse.urlencode(form).encode() if form else None
    with urllib.request.urlopen(url + path, data) as answer:
        return str(answer.read().decode())


def test_what_a_person_clicks_is_found_by_init(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cache = str(tmp_path_factory.mktemp("cache"))
    write(
        project,
        "shop_with_ada.py",
        "from shop import create_app as make, init_db, get_db\n"
        "def create_app(config=None):\n"
        "    app = make(config)\n"
        "    with app.app_context():\n"
        "        init_db()\n"
        "        get_db().execute(\"INSERT INTO user VALUES ('ada', 'engine')\")\n"
        "        get_db().commit()\n"
        "    return app\n",
    )
    before = tree(project)
    environment = {**os.environ, "XDG_CACHE_HOME": cache, "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "conformance", "record", "shop_with_ada:create_app"],
        cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    ) as server:  # fmt: skip
        assert server.stdout is not None
        url = server.stdout.readline().split()[0].rstrip("/")
        jar = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        urllib.request.install_opener(jar)
        clicked(url, "/login", name="ada", password="wrong")
        clicked(url, "/login", name="ada", password="engine")
        assert "a thing" in clicked(url, "/create", title="a thing")
        clicked(url, "/logout")
        server.send_signal(signal.SIGINT)
        out, err = server.communicate(timeout=60)
    assert "recorded 7 requests, for conformance init shop_with_ada:create_app" in out, err
    (file,) = Path(cache).rglob("*.jsonl")
    assert file.stat().st_mode & 0o077 == 0

    slugs = ("-p", "flashing", "-p", "sqlite3")
    run = conformance(
        project, "init", "shop_with_ada:create_app", *slugs,
        XDG_CACHE_HOME=cache, PYTHONDONTWRITEBYTECODE="1",
    )  # fmt: skip

    found = tomllib.loads(run.out)
    assert found["people"]["ada"]["logout"] == "/logout", run.err
    # What was sent, with a field left empty.
    failure = {"path": "/create", "form": {"title": ""}, "as": "ada"}
    assert found["patterns"]["flashing"]["failure"] == failure
    assert found["patterns"]["flashing"]["error"] == "A title is needed."
    assert found["patterns"]["sqlite3"]["create"]["as"] == "ada"
    assert "# somebody sent it; " in run.out
    assert "recorded 7 requests" in run.err
    assert tree(project) == before


ENDLESS = """
import itertools
from flask import Flask
def create_app():
    app = Flask(__name__)
    app.add_url_rule("/numbers", "numbers", lambda: (f"{n}\\n" for n in itertools.count()))
    return app
"""


def test_a_stream_without_an_end_is_recorded_as_far_as_somebody_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[int] = []

    def numbers() -> Iterator[str]:
        try:
            for number in itertools.count():
                made.append(number)
                yield f"{number}\n"
        finally:
            made.append(-1)

    app = flask.Flask("shop")
    app.add_url_rule("/numbers", "numbers", numbers)
    monkeypatch.setattr("conformance.survey.hearing.LONGEST", 5)
    hearing = Hearing()
    with contextlib.closing(hearing):
        hearing.open()
        environ = EnvironBuilder("/numbers").get_environ()
        body: Any = Recorder(app, hearing)(environ, lambda *args: None)
        read = [next(body) for _ in range(9)]
        body.close()

    (exchange,) = hearing.exchanges
    assert read == [b"%d\n" % number for number in range(9)]
    # Nothing is made that nobody reads, and the app hears that its reader has gone.
    assert made in ([*range(9), -1], [*range(10), -1])
    assert exchange.streamed
    assert exchange.cut
    assert exchange.response.body.startswith(b"0\n1\n2\n")
    assert len(exchange.response.body) < 9


def test_the_recording_ends_while_somebody_reads_a_stream_without_an_end(tmp_path: Path) -> None:
    write(tmp_path, "shop.py", ENDLESS)
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "conformance", "record", "shop:create_app"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    ) as server:  # fmt: skip
        assert server.stdout is not None
        url = server.stdout.readline().split()[0].rstrip("/")
        with urllib.request.urlopen(f"{url}/numbers") as answer:
            assert answer.readline() == b"0\n"
            server.send_signal(signal.SIGINT)
            out, err = server.communicate(timeout=60)

    assert "recorded 1 request" in out, err


def test_what_is_not_there_cannot_be_served(project: Path) -> None:
    run = conformance(project, "record", "shop:nothing")

    assert (run.code, "no attribute 'nothing'" in run.err) == (3, True)
    assert "record: name an app" in conformance(project, "record").err


# --submit

GUESTBOOK = """
import sqlite3
from flask import Flask, current_app, flash, redirect, request

def get_db():
    return sqlite3.connect(current_app.config["DATABASE"])

def create_app(config=None):
    app = Flask(__name__)
    app.config.update({"SECRET_KEY": "dev", "DATABASE": "book.sqlite", **(config or {})})
    with app.app_context():
        get_db().execute("CREATE TABLE IF NOT EXISTS entry (email TEXT, text TEXT)")

    @app.get("/")
    def index():
        rows = get_db().execute("SELECT text FROM entry").fetchall()
        return "<!doctype html><title>x</title><a href=/sign>sign</a><a href=/delete>x</a>" + "".join(
            f"<p>{row[0]}</p>" for row in rows)

    @app.route("/sign", methods=["GET", "POST"])
    def sign():
        if request.method == "POST" and "@" in request.form["email"] and request.form["text"]:
            db = get_db()
            db.execute("INSERT INTO entry VALUES (?, ?)", [request.form["email"], request.form["text"]])
            db.commit()
            return redirect("/")
        return ("<!doctype html><title>x</title><form method=post><input type=email name=email>"
                "<textarea name=text></textarea></form>")

    @app.route("/delete", methods=["GET", "POST"])
    def delete():
        if request.method == "POST":
            raise SystemExit("deleted")
        return "<!doctype html><title>x</title><form method=post><input name=x></form>"
    return app
"""


def test_forms_are_submitted_only_when_somebody_says_so(tmp_path: Path) -> None:
    write(tmp_path, "book.py", GUESTBOOK)
    slugs = ("-p", "interactions", "-p", "favicon")

    plain = conformance(tmp_path, "init", "book:create_app", *slugs)
    bold = conformance(tmp_path, "init", "book:create_app", "--submit", *slugs)

    assert "POST" not in plain.err
    assert "POST" in bold.err
    assert not (tmp_path / "book.sqlite").exists()


def test_values_fit_the_types_of_the_fields() -> None:
    (form,) = Page(
        "<form><input name=name maxlength=5><input type=email name=e><input type=number name=n min=3>"
        "<input type=date name=d><input type=checkbox name=c><input type=checkbox name=must required>"
        "<input type=radio name=r value=a><input type=radio name=r value=b>"
        "<select name=s><option value=''>-<option value=x>X</select><textarea name=t></textarea>"
        "<input type=file name=f><input type=hidden name=h value=1><input name=off disabled>"
        "<input name=contact_email><button name=b value=1></form>"
    ).find("form")

    assert filled(form) == {
        "name": "confo",
        "e": "kq7@example.org",
        "n": "3",
        "d": "2030-01-31",
        "must": "on",
        "r": "a",
        "s": "x",
        "t": "A text of conformance",
        "contact_email": "kq7@example.org",
    }


def test_a_login_is_read_from_the_command_line() -> None:
    assert read_login("ada:name=ada,password=a=b") == ("ada", {"name": "ada", "password": "a=b"})
    for wrong in ("ada", "ada:", "a b:c=d", "ada:name"):
        with pytest.raises(ConfigError, match="is not NAME:FIELD=VALUE"):
            read_login(wrong)


def test_a_login_that_is_typed_is_tried_and_kept(project: Path) -> None:
    write(
        project,
        "shop_with_ada.py",
        "from made import make\ndef create_app(): return make()[0]\n",
    )
    login = ("--login", "ada:name=ada,password=engine")
    run = conformance(project, "init", "shop_with_ada:create_app", "-p", "viewdecorators", *login)

    assert tomllib.loads(run.out)["people"]["ada"]["login"]["form"]["password"] == "engine", run.err
    wrong = conformance(
        project, "init", "shop_with_ada:create_app", "-p", "favicon", "--login", "ada:nick=x"
    )
    assert (
        "--login ada: no page that a visitor reaches has a form with the fields nick" in wrong.err
    )


LOGINS = """
import flask
def page(text):
    known = "member" in flask.session
    return "<!doctype html><title>x</title>" + ("<i>Sign off here</i>" if known else "") + text
def create_app():
    app = flask.Flask(__name__)
    app.secret_key = "key"
    @app.get("/")
    def index():
        who = flask.session.get("member")
        return page(f"<b>by {who}</b> <a href=/about>about</a>"
                    if who else "<a href=/other>other</a> <a href=/key>key</a> by ada")
    @app.get("/about")
    def about():
        return page("by ada")
    @app.route("/other", methods=["GET", "POST"])
    def other():
        return page("<form method=post><input name=key><input name=more></form>no")
    @app.route("/key", methods=["GET", "POST"])
    def key():
        if flask.request.form.get("key") == "opens":
            flask.session["member"] = "ada"
            return flask.redirect("/")
        return page("<form method=post><input name=key></form>")
    @app.post("/signout")
    def leave():
        flask.session.clear()
        return flask.redirect("/")
    return app
"""


def test_a_login_without_a_password_is_found_among_forms_like_it(tmp_path: Path) -> None:
    write(tmp_path, "keys.py", LOGINS)

    run = conformance(
        tmp_path, "init", "keys:create_app", "-p", "viewdecorators", "--login", "owner:key=opens"
    )

    assert tomllib.loads(run.out)["people"] == {
        "owner": {
            "login": {"path": "/key", "form": {"key": "opens"}},
            "logout": {"method": "POST", "path": "/signout"},
            # Visitors read the name as well.
            "shows": "Sign off here",
        }
    }, run.err
