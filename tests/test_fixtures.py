"""`fixture:app`: apps from a project's conftest, from the command line and in pytest alike."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from .command import Run, conformance

#: As in Flask's tutorial: a factory that is handed settings, with a database in a file.
SHOP = """
import sqlite3
from flask import Flask, current_app, g

def get_db():
    if "db" not in g:
        g.db = sqlite3.connect(current_app.config["DATABASE"])
    return g.db

def create_app(test_config=None):
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY="dev", DATABASE="shop.sqlite")
    if test_config is not None:
        app.config.update(test_config)
    app.teardown_appcontext(lambda error: g.pop("db", None) and None)
    app.add_url_rule("/", "index", index)
    return app

def index():
    count, = get_db().execute("SELECT count(*) FROM thing").fetchone()
    return f"<title>{count} things</title>"
"""

CONFTEST = """
import os
import tempfile
import pytest
from shop import create_app, get_db

@pytest.fixture
def path():
    file, path = tempfile.mkstemp()
    yield path
    os.close(file)
    os.unlink(path)
    print("closed", file=open("log", "a"))

@pytest.fixture
def app(path):
    app = create_app({"TESTING": True, "DATABASE": path})
    with app.app_context():
        get_db().execute("CREATE TABLE thing (name TEXT)")
        get_db().commit()
    print("made", path, file=open("log", "a"))
    yield app
"""

CONFIG = """
app = "fixture:app"
disposable = ["log"]
[patterns.favicon]
page = "/"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with tests, none of which may run or even be imported."""
    write(tmp_path, "shop.py", SHOP)
    write(tmp_path, "conformance.toml", CONFIG)
    write(tmp_path, "tests/conftest.py", CONFTEST)
    write(tmp_path, "tests/test_shop.py", "raise RuntimeError('a test was imported')")
    write(tmp_path, "pytest.ini", "[pytest]\naddopts = --no-such-option -n 7\n")
    (tmp_path / "log").touch()
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text)


def doctor(folder: Path, *arguments: str) -> Run:
    return conformance(folder, "doctor", "-p", "favicon", *arguments)


def test_each_app_has_fixtures_of_its_own_which_are_closed(project: Path) -> None:
    done = conformance(project, "check", "-p", "favicon", "--json", "a.json")

    log = (project / "log").read_text().splitlines()
    made = [line for line in log if line.startswith("made")]
    assert len(made) == len({*made}) >= 2
    assert log.count("closed") == len(made)
    verdicts = {
        row["id"]: row["verdict"] for row in json.loads((project / "a.json").read_text())["clauses"]
    }
    assert done.code == 1
    assert verdicts["favicon.link"] == "fail"
    assert "broken" not in verdicts.values()


def test_pytest_asks_the_same_of_it(project: Path) -> None:
    import subprocess

    write(project, "pytest.ini", "[pytest]\n")
    (project / "tests/test_shop.py").unlink()
    write(project, "tests/test_clauses.py", "from conformance.suites.test_favicon import *")
    options = (
        "-q",
        "-p",
        "no:randomly",
        "-p",
        "no:cacheprovider",
        "--conformance-json",
        "pytest.json",
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options], cwd=project, capture_output=True, text=True
    )
    conformance(project, "check", "-p", "favicon", "--json", "check.json")

    def verdicts(name: str) -> dict[str, str]:
        rows = json.loads((project / name).read_text())["clauses"]
        return {row["id"]: row["verdict"] for row in rows}

    assert verdicts("pytest.json") == verdicts("check.json"), done.stdout
    log = (project / "log").read_text().splitlines()
    assert log.count("closed") == sum(line.startswith("made") for line in log) > 0


@pytest.mark.parametrize(
    ("conftest", "words"),
    [
        (
            CONFTEST.replace("@pytest.fixture\ndef app", "@pytest.fixture(scope='session')\ndef app"),
            "its scope is session, but it is called again for each app",
        ),
        (
            CONFTEST.replace("@pytest.fixture\ndef path", "@pytest.fixture(scope='session')\ndef path")
            .replace("CREATE TABLE thing", "CREATE TABLE IF NOT EXISTS thing"),
            "all apps share path, which is created once",
        ),
        (
            CONFTEST.replace("@pytest.fixture\ndef app(path)", "@pytest.fixture(params=['a', 'b'])\ndef app(path, request)")
            .replace("True", "request.param"),
            "it has parameters, of which the first is used: 'a'",
        ),
        (
            "import pytest\nfrom shop import create_app\nthe = create_app({})\n"
            "the.view_functions['index'] = lambda: ''\n"
            "@pytest.fixture\ndef app(): return the",
            "it returns the same app each time, which clauses share",
        ),
        (
            CONFTEST + "\n@pytest.fixture\ndef client(app): return app.test_client()\n",
            "fixture:client built twice",
        ),
        (
            CONFTEST + "\n@pytest.fixture\ndef made(request, tmp_path, monkeypatch, tmp_path_factory):\n"
            "    monkeypatch.setenv('SHOP', str(tmp_path))\n"
            "    request.addfinalizer(lambda: print('closed', file=open('log', 'a')))\n"
            "    return request.getfixturevalue('app')\n",
            "fixture:made built twice",
        ),
        (
            CONFTEST.replace("def app(path)", "def plain(path)")
            + "\n@pytest.fixture(name='app')\ndef renamed(plain):\n    with plain.app_context(): yield plain\n",
            "fixture:app built twice",
        ),
    ],
)  # fmt: skip
def test_what_a_fixture_is_like_is_said(project: Path, conftest: str, words: str) -> None:
    write(project, "tests/conftest.py", conftest)
    name = next((each for each in ("client", "made") if f":{each} " in words), "app")
    write(project, "conformance.toml", CONFIG.replace("fixture:app", f"fixture:{name}"))
    done = doctor(project)

    assert words in done.out, done
    assert "ok     favicon.page" in done.out
    assert done.code == 0


@pytest.mark.parametrize(
    ("name", "conftest", "words"),
    [
        ("ap", CONFTEST, "there is no fixture 'ap' in tests/conftest.py; did you mean 'app'?"),
        ("app", None, "there is no fixture 'app' as there is no conftest.py"),
        ("app", "1 / 0", "ZeroDivisionError"),
        ("app", CONFTEST.replace("path):", "paht):"), "there is no fixture 'paht'; did you mean 'path'?"),
        ("app", CONFTEST.replace("create_app({", "create_app(1, {"), "fixture:app raised TypeError"),
        ("path", CONFTEST, "which is no application"),
        (
            "app",
            "import pytest\n@pytest.fixture\nasync def app(): yield 1",
            "the fixture 'app' is asynchronous: name one that is not",
        ),
        (
            "app",
            "import pytest\n@pytest.fixture\ndef app(): pytest.skip('no broker')",
            "fixture:app: Skipped: no broker",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_fixture_is_one_sentence(
    project: Path, name: str, conftest: str | None, words: str
) -> None:
    if conftest is None:
        (project / "tests/conftest.py").unlink()
    else:
        write(project, "tests/conftest.py", conftest)
    write(project, "conformance.toml", CONFIG.replace("fixture:app", f"fixture:{name}"))
    done = doctor(project)

    assert done.code == 3
    assert words in done.err, done
    assert done.err.count("\n") == 1


def test_settings_reach_the_app_while_the_fixture_makes_it(project: Path) -> None:
    """The table that the fixture makes is in the database that the configuration names."""
    config = 'config = { DATABASE = "{tmp}/own.sqlite", TESTING = false }\n'
    write(project, "conformance.toml", config + CONFIG)
    done = doctor(project)

    assert done.code == 0, done
    assert "own.sqlite (DATABASE): of the run" in done.out


def test_what_only_a_server_could_do_is_untested_with_its_reason(project: Path) -> None:
    done = conformance(project, "check", "--clause", "appfactories.config-isolation")

    assert done.code == 4
    assert "needs a factory: a fixture calls it with its own arguments" in done.out
