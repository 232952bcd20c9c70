"""What a project's own tests say: heard, tried on new apps, and asked; nothing of it is changed."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask
import pytest
from werkzeug.test import Client

from conformance.runner.hearing import Heard, hear
from conformance.subject.guest.notes import Notes
from conformance.subject.locate import locate
from conformance.survey import Exchange
from conformance.survey.hearing import Hearing
from conformance.survey.submissions import was_accepted

from .command import Run, conformance

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

#: A shop with a login, a form that refuses, and rows: as in Flask's tutorial, in one file.
SHOP = """
import sqlite3
from functools import wraps
from flask import (Flask, current_app, flash, g, redirect, render_template_string, request,
                   session, url_for)

LAYOUT = (
    "<!doctype html><title>Shop</title>{% if session.user %}<b>for {{ session.user }}</b>{% endif %}"
    "{% for m in get_flashed_messages() %}<p class=flash>{{ m }}</p>{% endfor %}"
    "<a href='/create'>create</a>"
)
LOGIN = LAYOUT + "<form method=post><input name=name><input name=password type=password></form>"
CREATE = LAYOUT + "<form method=post><input name=title></form>"
LIST = LAYOUT + "{% for row in rows %}<li>{{ row[0] }}</li>{% endfor %}"

def get_db():
    if "db" not in g:
        g.db = sqlite3.connect(current_app.config["DATABASE"])
    return g.db

def close_db(error=None):
    if (db := g.pop("db", None)) is not None:
        db.close()

def init_db():
    get_db().executescript(
        "CREATE TABLE IF NOT EXISTS item (title TEXT);"
        "CREATE TABLE IF NOT EXISTS user (name TEXT, password TEXT);")

def login_required(view):
    @wraps(view)
    def wrapped(**values):
        if "user" not in session:
            return redirect(url_for("login"))
        return view(**values)
    return wrapped

def index():
    return render_template_string(LIST, rows=get_db().execute("SELECT title FROM item"))

def login():
    if request.method == "POST":
        query = "SELECT 1 FROM user WHERE name = ? AND password = ?"
        values = request.form["name"], request.form["password"]
        if get_db().execute(query, values).fetchone():
            session["user"] = request.form["name"]
            return redirect(url_for("index"))
        flash("Wrong name or password.")
    return render_template_string(LOGIN)

def logout():
    session.clear()
    return redirect(url_for("index"))

@login_required
def create():
    if request.method == "POST":
        if not request.form["title"]:
            flash("A title is needed.")
            return render_template_string(CREATE)
        get_db().execute("INSERT INTO item VALUES (?)", [request.form["title"]])
        get_db().commit()
        flash("Created.")
        return redirect(url_for("index"))
    return render_template_string(CREATE)

def create_app(config=None):
    app = Flask(__name__)
    app.config.update({"SECRET_KEY": "dev", "DATABASE": "shop.sqlite", **(config or {})})
    app.teardown_appcontext(close_db)
    app.add_url_rule("/", "index", index)
    app.add_url_rule("/login", "login", login, methods=["GET", "POST"])
    app.add_url_rule("/logout", "logout", logout)
    app.add_url_rule("/create", "create", create, methods=["GET", "POST"])
    return app
"""

MAKE = """
import os, tempfile
from shop import create_app, get_db, init_db

def make():
    file, path = tempfile.mkstemp()
    os.close(file)
    app = create_app({"TESTING": True, "DATABASE": path})
    with app.app_context():
        init_db()
        get_db().execute("INSERT INTO user VALUES ('ada', 'engine')")
        get_db().commit()
    return app, path
"""

CONFTEST = """
import os, pytest
from made import make

@pytest.fixture
def app():
    app, path = make()
    yield app
    os.unlink(path)

@pytest.fixture
def client(app):
    return app.test_client()
"""

TESTS = """
import pytest

def login(client, name="ada", password="engine"):
    return client.post("/login", data={"name": name, "password": password})

def test_login(client):
    assert client.get("/login").status_code == 200
    assert login(client, "ada", "wrong").status_code == 200
    assert login(client, "nobody").status_code == 200
    with client:
        assert login(client).headers["Location"] == "/"
        from flask import session
        client.get("/")
        assert session["user"] == "ada"

def test_logout(client):
    login(client)
    assert client.get("/logout").status_code == 302

def test_create(client):
    assert client.post("/create", data={"title": "x"}).status_code == 302
    login(client)
    assert b"A title is needed." in client.post("/create", data={"title": ""}).data
    shown = client.post("/create", data={"title": "a thing"}, follow_redirects=True)
    assert "a thing" in shown.text and len(shown.history) == 1
"""

CASE = """
import os, unittest
from made import make

class ShopTest(unittest.TestCase):
    def setUp(self):
        self.app, self.path = make()
        self.context = self.app.app_context()
        self.context.push()
        self.client = self.app.test_client()

    def tearDown(self):
        self.context.pop()
        os.unlink(self.path)

    def login(self, name="ada", password="engine"):
        return self.client.post("/login", data={"name": name, "password": password})

    def test_login(self):
        self.assertEqual(self.login(password="wrong").status_code, 200)
        self.assertEqual(self.login().status_code, 302)

    def test_create(self):
        self.login()
        self.client.post("/create", data={"title": "a thing"})
        self.assertIn("a thing", self.client.get("/").text)
"""

#: What pytest-flask does to every test that has an `app`.
PYTEST_FLASK = """
@pytest.fixture(autouse=True)
def _push_request_context(request):
    app = request.getfixturevalue("app")
    with app.test_request_context():
        yield
"""


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text)


def write_shop(folder: Path) -> None:
    """Write the shop with its tests for pytest."""
    write(folder, "shop.py", SHOP)
    write(folder, "made.py", MAKE)
    write(folder, "tests/conftest.py", CONFTEST)
    write(folder, "tests/test_shop.py", TESTS)


def tree(folder: Path) -> dict[str, str]:
    """Return what a folder holds, each file with the checksum of its content.

    What Python itself keeps of the modules that it has compiled is left out.
    """
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        if path.is_file()
        else ""
        for path in folder.rglob("*")
        if "__pycache__" not in path.parts
    }


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_shop(tmp_path)
    write(tmp_path, "pytest.ini", "[pytest]\npythonpath = .\naddopts = --junitxml=here.xml -x\n")
    return tmp_path


def unittests(folder: Path) -> Path:
    write(folder, "shop.py", SHOP)
    write(folder, "made.py", MAKE)
    write(folder, "tests.py", CASE)
    return folder


def initialised(folder: Path, *arguments: str) -> tuple[Run, dict[str, Any]]:
    """Write a configuration for three patterns; nothing of the project is changed by it."""
    before = tree(folder)
    slugs = [word for slug in ("flashing", "sqlite3", "viewdecorators") for word in ("-p", slug)]
    run = conformance(folder, "init", *slugs, *arguments)
    assert tree(folder) == before
    return run, tomllib.loads(run.out)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    notes = Notes.begin()

    def run(folder: Path, *paths: str) -> Heard:
        monkeypatch.chdir(folder)
        return hear(paths, notes)[0]

    yield run
    notes.leave()


# What is heard.


def test_requests_answers_and_what_flask_said_are_heard(project: Path, heard: Any) -> None:
    said: Heard = heard(project, "tests")

    assert (said.tests, said.failed, said.app) == (3, 0, "fixture:app")
    logins = [each for each in said.exchanges if each.path == "/login" and each.method == "POST"]
    assert [(each.status, each.fields["password"]) for each in logins[:3]] == [
        (200, ["wrong"]),
        (200, ["engine"]),
        (302, ["engine"]),
    ]
    assert logins[0].messages == [("Wrong name or password.", "message")]
    assert (logins[2].session_before, logins[2].session_after) == (set(), {"user"})
    assert logins[2].client != logins[3].client
    assert logins[3].test == "tests/test_shop.py::test_logout"
    # A redirect that a client follows is two exchanges.
    assert [each.target for each in said.exchanges[-2:]] == ["/create", "/"]
    assert "a thing" in said.exchanges[-1].response.text
    assert said.exchanges[-1].templates[0][1]["rows"] == "sqlite3.Cursor"


def test_a_test_that_fails_is_heard_too(project: Path, heard: Any) -> None:
    write(project, "tests/test_shop.py", TESTS.replace("status_code == 302", "status_code == 1"))
    said: Heard = heard(project, "tests/test_shop.py")

    assert (said.tests, said.failed) == (3, 2)
    assert any(each.target == "/logout" for each in said.exchanges)


def test_cases_of_unittest_are_found_in_files_of_any_usual_name(tmp_path: Path, heard: Any) -> None:
    said: Heard = heard(unittests(tmp_path), ".")

    assert (said.tests, said.app) == (2, "tests.py:ShopTest")
    assert said.exchanges


def test_an_exchange_survives_the_way_between_processes() -> None:
    app = flask.Flask(__name__)
    app.add_url_rule("/<int:number>", "thing", lambda number: b"\xff\x00", methods=["POST"])
    hearing = Hearing()
    hearing.open()
    try:
        sent = {"a": ["1", "2"], "file": (__import__("io").BytesIO(b"\x00x"), "ä.txt")}
        app.test_client().post("/7?q=%C3%A4", data=sent)
    finally:
        hearing.close()
    (exchange,) = hearing.exchanges

    again = Exchange.from_json(json.loads(json.dumps(exchange.to_json())))

    assert again.response.body == b"\xff\x00"
    assert again.target == "/7?q=%C3%A4"
    assert again.fields == {"a": ["1", "2"]}
    assert again.files == {"file": ("ä.txt", b"\x00x")}
    assert again.values == {"number": "7"}


# What hearing changes: nothing.


def test_no_session_is_touched_and_no_stream_is_read() -> None:
    pulled: list[int] = []
    app = flask.Flask(__name__)
    app.secret_key = "key"
    app.add_url_rule("/", "index", lambda: "hello")

    @app.get("/stream")
    def stream() -> Any:
        def rows() -> Iterator[str]:
            for number in range(3):
                pulled.append(number)
                yield str(number)

        return rows()

    usual = Client.run_wsgi_app
    hearing = Hearing()
    hearing.open()
    try:
        client = app.test_client()
        assert "Vary" not in client.get("/").headers
        answer = client.get("/stream")
        assert pulled == [0]
        assert b"".join(answer.response) == b"012"
        answer.close()
    finally:
        hearing.close()

    plain, streamed = hearing.exchanges
    assert (plain.response.body, plain.cut) == (b"hello", False)
    assert (streamed.response.body, streamed.streamed, streamed.cut) == (b"012", True, False)
    assert Client.run_wsgi_app is usual


def test_an_exception_reaches_the_test() -> None:
    app = flask.Flask(__name__)
    app.testing = True
    app.add_url_rule("/", "index", lambda: 1 / 0)
    hearing = Hearing()
    hearing.open()
    try:
        with pytest.raises(ZeroDivisionError):
            app.test_client().get("/")
    finally:
        hearing.close()

    assert hearing.exchanges[0].status == 500
    assert "ZeroDivisionError" in hearing.exchanges[0].error


def test_a_test_that_would_change_what_is_there_cannot(project: Path) -> None:
    (project / "kept.txt").write_text("mine")
    write(project, "tests/test_bad.py", "def test_it(): open('kept.txt', 'w').write('x')\n")

    run, found = initialised(project, "--tests", "tests")

    assert (project / "kept.txt").read_text() == "mine"
    assert "heard 12 requests in 4 tests, 1 of which failed" in run.err
    assert found["people"]["ada"]


# What is made of it.

LEARNT = {
    "create": {"path": "/create", "form": {}, "as": "ada"},
    "field": "title",
    "table": "item",
    "list": "/",
}


@pytest.mark.parametrize("conftest", [CONFTEST, CONFTEST + PYTEST_FLASK], ids=["plain", "flask"])
def test_logins_forms_refusals_and_texts_are_learnt(project: Path, conftest: str) -> None:
    write(project, "tests/conftest.py", conftest)
    run, found = initialised(project, "--tests", "tests")

    assert (found["app"], found["factory"]) == ("fixture:app", "shop:create_app")
    assert found["people"] == {
        "ada": {
            "login": {"path": "/login", "form": {"name": "ada", "password": "engine"}},
            "shows": "ada",
            "logout": "/logout",
        }
    }
    flashing = found["patterns"]["flashing"]
    assert flashing["failure"] == {"path": "/create", "form": {"title": ""}, "as": "ada"}
    assert flashing["error"] == "A title is needed."
    assert flashing["success"] == "Created."
    assert flashing["trigger"] == {"path": "/create", "form": {"title": "a thing"}, "as": "ada"}
    assert {key: found["patterns"]["sqlite3"][key] for key in LEARNT} == LEARNT
    assert found["patterns"]["viewdecorators"]["protected"] == "/create"
    assert "# it logged in on a new app: GET / shows 'ada', and does not to others" in run.out


def test_a_test_case_of_unittest_says_the_same(tmp_path: Path) -> None:
    _, found = initialised(unittests(tmp_path), "--tests", "tests.py")

    assert (found["app"], found["factory"]) == ("tests.py:ShopTest", "shop:create_app")
    assert found["people"]["ada"]["shows"] == "ada"
    assert {key: found["patterns"]["sqlite3"][key] for key in LEARNT} == LEARNT


def test_what_was_learnt_is_asked_at_once(project: Path) -> None:
    options = ("-p", "flashing", "-p", "sqlite3", "-p", "appfactories", "--max-examples", "3")
    run = conformance(project, "check", "--tests", "tests", *options, "--json", "result.json")

    result = json.loads((project / "result.json").read_text())
    verdicts = {row["id"]: row["verdict"] for row in result["clauses"]}
    assert "broken" not in verdicts.values(), run.out
    assert verdicts["flashing.success-and-error"] == "pass"
    assert verdicts["sqlite3.commit-visible"] == "pass"
    assert verdicts["appfactories.fresh-instance"] == "pass"
    row = next(row for row in result["clauses"] if row["id"] == "sqlite3.commit-visible")
    assert row["found"]["patterns.sqlite3.create"].startswith("the tests send it")
    assert result["survey"]["heard"].startswith("heard 12 requests in 3 tests")


def test_a_target_stays_the_app_and_gets_no_unsafe_request(project: Path) -> None:
    run = conformance(
        project, *("check", "shop:create_app", "--tests", "tests", "-p", "flashing"),
        *("--max-examples", "2", "--json", "result.json"),
    )  # fmt: skip

    survey = json.loads((project / "result.json").read_text())["survey"]
    assert set(survey["requests"]) <= {"GET", "HEAD", "OPTIONS"}
    assert "heard" in run.out
    assert not any(each["pattern"] == "people" and each["confirmed"] for each in survey["findings"])


def test_what_works_only_once_is_no_login(project: Path) -> None:
    once = SHOP.replace(
        '        flash("Wrong', "        if 'x' in request.form: pass\n        flash(\"Wrong"
    )
    once = once.replace(
        "            session[\"user\"]",
        "            get_db().execute('DELETE FROM user')\n            get_db().commit()\n"
        "            session[\"user\"]",
    )  # fmt: skip
    write(project, "shop.py", once)

    run, found = initialised(project, "--tests", "tests")

    assert not found.get("people"), run.out


@pytest.mark.parametrize(
    ("paths", "words", "code"),
    [
        (["nowhere"], "--tests: there is no nowhere", 2),
        (["made.py"], "--tests made.py: no test was run", 3),
        (["broken"], "no test was run: ZeroDivisionError: division by zero", 3),
    ],
)
def test_tests_that_cannot_be_run_are_one_sentence(
    project: Path, paths: list[str], words: str, code: int
) -> None:
    write(project, "broken/test_it.py", "1 / 0")
    run = conformance(project, "init", "--tests", *paths)

    assert words in run.err
    assert run.code == code


@pytest.mark.parametrize(
    ("status", "headers", "body", "messages", "accepted"),
    [
        (302, [("Location", "/")], "", [], True),
        (302, [("Location", "/login")], "", [("no", "x")], None),
        (200, [], "<form method=post><input name=a></form>", [], False),
        (200, [], "<p>thanks", [], True),
        (422, [], "", [], False),
    ],
)
def test_an_answer_says_whether_a_form_was_taken(
    status: int, headers: Any, body: str, messages: Any, accepted: bool | None
) -> None:
    from conformance.transports import Request, Response

    request = Request.build("POST", "/login", form={"a": "1"})
    found = (*headers, ("Content-Type", "text/html"))
    exchange = Exchange(request, Response(status, found, body.encode(), request))
    exchange.messages = messages

    assert was_accepted(exchange) is accepted


# Other kinds of request: JSON, files, forms of WTForms.

THINGS = """
import os
import tempfile
import pytest
from flask import Flask, abort, flash, jsonify, redirect, render_template_string, request
from flask_wtf import FlaskForm
from werkzeug.utils import secure_filename
from wtforms import StringField
from wtforms.validators import InputRequired

ALLOWED_EXTENSIONS = {"txt", "png"}

class NameForm(FlaskForm):
    name = StringField(validators=[InputRequired()])

class CityForm(FlaskForm):
    city = StringField(validators=[InputRequired()])

FORM = "<!doctype html><title>x</title><form method=post>{{ form.hidden_tag() }}{{ form.FIELD() }}</form>"

def view(kind, field):
    taken = set()
    def shown():
        form = kind()
        if form.validate_on_submit() and form[field].data not in taken:
            if field == "name":
                taken.add(form[field].data)
            return redirect("/")
        return render_template_string(FORM.replace("FIELD", field), form=form)
    return shown

def create_app(config=None):
    app = Flask(__name__)
    app.config.update(SECRET_KEY="dev", UPLOAD_FOLDER=tempfile.mkdtemp())
    app.config.update(config or {})
    app.add_url_rule("/", "index", lambda: "<!doctype html><title>x</title>")
    app.add_url_rule("/name", "name", view(NameForm, "name"), methods=["GET", "POST"])
    app.add_url_rule("/city", "city", view(CityForm, "city"), methods=["GET", "POST"])

    @app.post("/api/things")
    def create():
        value = request.get_json()
        if not isinstance(value.get("title"), str):
            return {"error": "title"}, 400
        return {"title": value["title"], "size": value.get("size", 0)}, 201

    @app.post("/upload")
    def upload():
        file = request.files["document"]
        name = secure_filename(file.filename)
        if name.rpartition(".")[2] not in ALLOWED_EXTENSIONS or "note" not in request.form:
            abort(400)
        file.save(os.path.join(app.config["UPLOAD_FOLDER"], name))
        return redirect("/")
    return app
"""

THINGS_TESTS = """
import io

def test_all(client):
    client.application.config["WTF_CSRF_ENABLED"] = False
    assert client.post("/name", data={"name": ""}).status_code == 200
    assert client.post("/name", data={"name": "ada"}).status_code == 302
    assert client.post("/city", data={"city": "London"}).status_code == 302
    assert client.post("/api/things", json={"size": 2}).status_code == 400
    assert client.post("/api/things", json={"title": "x", "size": 2}).status_code == 201
    data = {"document": (io.BytesIO(b"text"), "a.txt"), "note": "n"}
    assert client.post("/upload", data=data).status_code == 302
"""


def test_json_files_and_forms_are_learnt_in_several_places(tmp_path: Path) -> None:
    write(tmp_path, "things.py", THINGS)
    write(tmp_path, "tests/conftest.py", CONFTEST.replace("made import make", "things import create_app")
          .replace("app, path = make()", "app = create_app()").replace("    os.unlink(path)\n", ""))  # fmt: skip
    write(tmp_path, "tests/test_things.py", THINGS_TESTS)

    slugs = [word for slug in ("javascript", "fileuploads", "wtforms") for word in ("-p", slug)]
    run = conformance(tmp_path, "init", "--tests", "tests", *slugs)
    found = tomllib.loads(run.out)["patterns"]

    assert found["javascript"] == {
        "receive": {"path": "/api/things", "json": {"title": "x", "size": 2}},
        "required": ["title"],
        "text_field": "title",
        "number_field": "size",
    }
    assert found["fileuploads"]["upload"]["form"] == {"note": "n"}
    assert found["fileuploads"]["field"] == "document"
    assert found["fileuploads"]["extensions"] == ["png", "txt"]
    assert found["wtforms"] == [
        {
            "name": "name",
            "page": "/name",
            "valid": {"name": "ada{n}"},
            "form": "things:NameForm",
            "unique": "name",
        },
        {"name": "city", "page": "/city", "valid": {"city": "London"}, "form": "things:CityForm"},
    ]


def test_the_app_of_a_module_that_a_fixture_gives_is_known_by_its_name(tmp_path: Path) -> None:
    write(tmp_path, "stall/__init__.py", "import flask\napp = flask.Flask(__name__)\n")
    write(
        tmp_path,
        "tests/conftest.py",
        "import pytest, stall\n@pytest.fixture\ndef app():\n    return stall.app\n",
    )
    write(
        tmp_path,
        "tests/test_stall.py",
        "def test_nothing(app):\n    assert app.test_client().get('/').status_code == 404\n",
    )
    write(tmp_path, "pytest.ini", "[pytest]\npythonpath = .\n")

    run = conformance(tmp_path, "init", "--tests", "tests", "-p", "packages")

    assert tomllib.loads(run.out)["patterns"]["packages"] == {"package": "stall:app"}, run.err


def test_a_test_case_is_located_from_another_directory_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "import unittest\nclass Here(unittest.TestCase):\n    pass\n"
    write(tmp_path, "case_that_is_here.py", text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert locate("case_that_is_here.py:Here").fixture

    monkeypatch.chdir(tmp_path.parent)

    assert locate("case_that_is_here.py:Here").fixture
