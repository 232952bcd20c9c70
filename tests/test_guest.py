"""What careless applications would do to their machine while they are asked: none of it happens."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.subject.guest.notes import Notes, existed
from conformance.subject.guest.rules import Place, Rules, place_of
from conformance.subject.guest.settings import Lead, leads, remedy

from .command import Run, conformance

#: An app with one page that a test fills with what it does.
PAGE = """
from flask import Flask
def create_app(config=None):
    app = Flask(__name__)
    app.config.update({settings})
    app.config.update(config or {{}})
    @app.route("/thing", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def thing():
        {does}
        return "thing"
    app.wsgi_app = Override(app.wsgi_app)
    return app
class Override:
    def __init__(self, app):
        self.app = app
    def __call__(self, environ, start_response):
        wanted = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "").upper()
        if environ["REQUEST_METHOD"] == "POST" and wanted in ("DELETE", "PUT", "PATCH"):
            environ["REQUEST_METHOD"] = wanted
        return self.app(environ, start_response)
"""

BOUND = """
app = "shop:create_app"
{extra}
[patterns.methodoverrides]
route = "/thing"
"""


def ask(
    folder: Path,
    does: str = "pass",
    *arguments: str,
    settings: str = "{}",
    extra: str = "",
    source: str = "",
    command: str = "check",
) -> Run:
    """Write an app down and ask it a few clauses."""
    (folder / "shop.py").write_text(source or PAGE.format(settings=settings, does=does))
    (folder / "conformance.toml").write_text(BOUND.format(extra=extra))
    some = ("--clause", "*.app-object-kept", "--clause", "*.only-post", "--json", "r.json")
    chosen = some if command == "check" else ()
    return conformance(folder, command, "-p", "methodoverrides", *chosen, *arguments)


def deaf(does: str, settings: str) -> str:
    """Return the source of an app whose factory takes no settings, so that a person has to act."""
    source = PAGE.format(settings=settings, does=does)
    return source.replace("config=None", "").replace("app.config.update(config or {})", "pass")


def database(file: Path) -> bytes:
    """Make a database that somebody needs, and return its bytes."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE things (name TEXT)")
        connection.execute("INSERT INTO things VALUES ('precious')")
        connection.commit()
    return file.read_bytes()


def touched(folder: Path) -> dict[str, str]:
    result = json.loads((folder / "r.json").read_text())
    return {each["name"]: each["state"] for each in result["touched"]}


def verdict_of(folder: Path, name: str) -> dict[str, Any]:
    result = json.loads((folder / "r.json").read_text())
    found: dict[str, Any] = next(c for c in result["clauses"] if c["id"].endswith(f".{name}"))
    return found


@pytest.fixture
def listener() -> Iterator[tuple[int, list[Any]]]:
    """A server of this machine that the run did not start, and the connections that it heard."""
    heard: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, address = server.accept()
                    connection.close()
                    heard.append(address)

        threading.Thread(target=listen, daemon=True).start()
        yield server.getsockname()[1], heard
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


# Files and databases.

WRITES_ROW = (
    "import sqlite3; c = sqlite3.connect(app.config['DATABASE']); "
    "c.execute('INSERT INTO things VALUES (1)'); c.commit()"
)


def test_a_database_that_a_setting_names_is_told_before_the_first_request(tmp_path: Path) -> None:
    before = database(tmp_path / "shop.db")
    run = ask(tmp_path, source=deaf("raise SystemExit", '{"DATABASE": "shop.db"}'))

    assert run.code == 3
    assert "the database shop.db exists, and DATABASE points shop:create_app to it" in run.err
    assert 'config = { DATABASE = "{tmp}/shop.db" }' in run.err
    assert 'disposable = ["shop.db"]' in run.err
    assert run.err.count("\n") == 1
    assert (tmp_path / "shop.db").read_bytes() == before


@pytest.mark.parametrize("server", ["wsgi", "werkzeug"])
def test_a_factory_that_takes_settings_gets_a_copy_of_the_database(
    tmp_path: Path, server: str
) -> None:
    before = database(tmp_path / "shop.db")
    run = ask(tmp_path, WRITES_ROW, "--transport", server, settings='{"DATABASE": "shop.db"}')

    assert run.code == 0, run
    assert 'config    DATABASE = "{copy:shop.db}": each app gets its own' in run.out
    assert (tmp_path / "shop.db").read_bytes() == before
    assert "shop.db" not in touched(tmp_path)
    again = ask(tmp_path, WRITES_ROW, settings='{"DATABASE": "shop.db"}', command="doctor")
    assert "ok     config " in again.out
    assert again.code == 0


def test_two_processes_and_other_places_are_isolated_too(tmp_path: Path) -> None:
    (tmp_path / "uploads").mkdir()
    (tmp_path / "uploads" / "photo.jpg").write_bytes(b"precious")
    settings = '{"UPLOAD_FOLDER": "uploads", "CACHE_TYPE": "RedisCache"}'
    does = "open(app.config['UPLOAD_FOLDER'] + '/x', 'w').close(); app.config['CACHE_TYPE'].index('Simple')"
    run = ask(tmp_path, does, "-n", "2", settings=settings)

    assert run.code == 0, run
    assert 'UPLOAD_FOLDER = "{tmp}"' in run.out
    assert [each.name for each in (tmp_path / "uploads").iterdir()] == ["photo.jpg"]


def test_a_copy_of_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    run = ask(tmp_path, extra='config = { DATABASE = "{copy:nowhere.db}" }')

    assert run.code == 2
    assert run.err.startswith("conformance: config: {copy:")
    assert run.err.endswith("nowhere.db}: No such file or directory\n")


def test_a_database_that_only_the_write_shows_ends_the_run_unchanged(tmp_path: Path) -> None:
    before = database(tmp_path / "shop.db")
    does = WRITES_ROW.replace("app.config['DATABASE']", "app.root_path + '/shop.db'")
    run = ask(tmp_path, does)

    assert run.code == 3
    assert "the database shop.db exists, and shop:create_app writes to it" in run.err
    assert (tmp_path / "shop.db").read_bytes() == before
    assert touched(tmp_path) == {"shop.db": "refused"}


def test_a_factory_that_fails_as_its_write_is_refused_is_told_by_the_refusal(
    tmp_path: Path,
) -> None:
    before = database(tmp_path / "shop.db")
    source = PAGE.format(settings='{"DATABASE": "shop.db"}', does="pass").replace(
        "    app.wsgi_app =",
        "    import sqlite3\n"
        "    sqlite3.connect(app.config['DATABASE']).execute('CREATE TABLE visits (n)')\n"
        "    app.wsgi_app =",
    )
    run = ask(tmp_path, source=source)

    assert run.code == 3
    assert "the database shop.db exists, and DATABASE points shop:create_app to it" in run.err
    assert 'config = { DATABASE = "{tmp}/shop.db" }' in run.err
    assert "not authorized" not in run.err
    assert (tmp_path / "shop.db").read_bytes() == before


@pytest.mark.parametrize("command", ["check", "doctor", "init"])
def test_an_import_that_fails_as_its_write_is_refused_is_told_by_the_refusal(
    tmp_path: Path, command: str
) -> None:
    before = database(tmp_path / "shop.db")
    (tmp_path / "shop.py").write_text(
        "import sqlite3\n"
        "sqlite3.connect(__file__.replace('.py', '.db')).execute('DELETE FROM things')\n"
        "from flask import Flask\n"
        "app = Flask(__name__)\n"
    )
    run = conformance(tmp_path, command, "shop:app")

    assert run.code == 3
    assert "the database shop.db exists, and shop:app writes to it" in run.err
    assert "not authorized" not in run.err
    assert (tmp_path / "shop.db").read_bytes() == before


def test_a_database_that_is_only_read_is_no_harm(tmp_path: Path) -> None:
    before = database(tmp_path / "places.db")
    does = (
        "import sqlite3; c = sqlite3.connect(app.root_path + '/places.db'); "
        "assert c.execute('SELECT name FROM things').fetchone() == ('precious',)"
    )
    run = ask(tmp_path, does)

    assert run.code == 0
    assert (tmp_path / "places.db").read_bytes() == before


@pytest.mark.parametrize(
    "config",
    [
        'config = { DATABASE = "{tmp}/shop.db" }\nsetup = "shop:fill"',
        'disposable = ["shop.db"]',
        'disposable = ["sqlite:///shop.db"]',
    ],
)
def test_an_app_with_a_database_of_its_own_notices_nothing(tmp_path: Path, config: str) -> None:
    before = database(tmp_path / "shop.db")
    fill = """
def fill(app):
    import sqlite3
    c = sqlite3.connect(app.config["DATABASE"])
    c.execute("CREATE TABLE things (name TEXT)")
    c.commit()
"""
    source = PAGE.format(settings='{"DATABASE": "shop.db"}', does=WRITES_ROW) + fill
    run = ask(tmp_path, source=source, extra=config)

    assert run.code == 0, run.err
    if "{tmp}" in config:
        assert (tmp_path / "shop.db").read_bytes() == before


def test_a_default_database_that_is_not_there_is_made_and_removed(tmp_path: Path) -> None:
    does = (
        "import sqlite3; c = sqlite3.connect(app.root_path + '/shop.db'); "
        "c.execute('CREATE TABLE IF NOT EXISTS things (n)'); c.commit()"
    )
    for _ in range(2):
        run = ask(tmp_path, does)

        assert run.code == 0, run.err
        assert touched(tmp_path)["shop.db"] == "made by the run"
        assert not (tmp_path / "shop.db").exists()


@pytest.mark.parametrize(
    "does",
    [
        "open(app.root_path + '/notes.txt', 'w').close()",
        "open(app.root_path + '/notes.txt', 'a').close()",
        "import os; os.remove(app.root_path + '/notes.txt')",
        "import os; os.rename(app.root_path + '/notes.txt', app.root_path + '/old.txt')",
        "import os; os.truncate(app.root_path + '/notes.txt', 0)",
        "import shutil; shutil.rmtree(app.root_path + '/kept', ignore_errors=True)",
        "import pathlib; pathlib.Path(app.root_path, 'new').write_text('');"
        "pathlib.Path(app.root_path, 'new').replace(app.root_path + '/notes.txt')",
    ],
)
def test_a_file_that_existed_is_not_touched(tmp_path: Path, does: str) -> None:
    (tmp_path / "notes.txt").write_text("precious")
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "one").write_text("precious")
    run = ask(tmp_path, does)

    assert run.code == 3
    assert "exists, and shop:create_app writes to it" in run.err
    assert (tmp_path / "notes.txt").read_text() == "precious"
    assert (tmp_path / "kept" / "one").read_text() == "precious"


def test_what_the_app_makes_beside_itself_is_gone_when_the_run_is_over(tmp_path: Path) -> None:
    does = (
        "import os; os.makedirs(app.instance_path + '/uploads', exist_ok=True); "
        "open(app.instance_path + '/uploads/a', 'a').write('x')"
    )
    run = ask(tmp_path, does)

    assert run.code == 0, run.err
    left = {each.name for each in tmp_path.iterdir()} - {"__pycache__"}
    assert left == {"shop.py", "conformance.toml", "r.json"}


def test_a_log_that_existed_stays_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "shop.log").write_text("yesterday\n")
    source = (
        "import logging, logging.handlers, os\n"
        "logging.getLogger('shop').addHandler(logging.handlers.RotatingFileHandler('shop.log', "
        "maxBytes=100, backupCount=2))\n"
    ) + PAGE.format(settings="{}", does="logging.getLogger('shop').warning('a thing')")
    run = ask(tmp_path, source=source)

    assert run.code == 0, run.err
    assert (tmp_path / "shop.log").read_text() == "yesterday\n"
    assert touched(tmp_path)["shop.log"].startswith("left alone")


def test_an_upload_folder_with_files_is_told_by_its_setting(tmp_path: Path) -> None:
    (tmp_path / "uploads").mkdir()
    source = deaf("pass", '{"UPLOAD_FOLDER": __import__("os").path.abspath("uploads")}')
    assert ask(tmp_path, source=source).code == 0

    (tmp_path / "uploads" / "photo.jpg").write_bytes(b"precious")
    run = ask(tmp_path, source=source)
    assert run.code == 3
    assert "the folder uploads exists, with files in it, and UPLOAD_FOLDER points" in run.err
    assert 'config = { UPLOAD_FOLDER = "{tmp}" }' in run.err


def test_the_write_of_another_process_of_the_run_ends_it_too(tmp_path: Path) -> None:
    (tmp_path / "seen.txt").write_text("precious")
    source = PAGE.format(settings="{}", does="pass") + (
        "    \nimport sys\n"
        "if 'conformance.instruments.fresh' in sys.argv[0].replace('/', '.'): "
        "open(__file__.replace('shop.py', 'seen.txt'), 'w').write('gone')\n"
    )
    (tmp_path / "shop.py").write_text(source)
    (tmp_path / "conformance.toml").write_text('app = "shop:create_app"\n')
    run = conformance(tmp_path, "check", "--clause", "appfactories.import-inert")

    assert run.code == 3
    assert "the file seen.txt exists" in run.err
    assert (tmp_path / "seen.txt").read_text() == "precious"


def test_usual_settings_of_an_isolated_app_do_not_end_the_run(tmp_path: Path) -> None:
    before = database(tmp_path / "shop.db")
    source = """
import sqlite3
from flask import Flask
def create_app(config=None):
    app = Flask(__name__)
    app.config["DATABASE"] = app.root_path + "/shop.db"
    app.config.update(config or {})
    with sqlite3.connect(app.config["DATABASE"]) as c:
        c.execute("CREATE TABLE IF NOT EXISTS visits (n)")
        c.execute("INSERT INTO visits VALUES (1)")
    return app
"""
    (tmp_path / "shop.py").write_text(source)
    (tmp_path / "conformance.toml").write_text(
        'app = "shop:create_app"\nconfig = { DATABASE = "{tmp}/shop.db" }\n'
    )
    run = conformance(tmp_path, "check", "--clause", "appfactories.cli-detects")

    assert run.code == 0, run.out + run.err
    assert (tmp_path / "shop.db").read_bytes() == before


# Servers.


def test_a_server_of_the_machine_hears_nothing(
    tmp_path: Path, listener: tuple[int, list[Any]]
) -> None:
    port, heard = listener
    does = f"import socket; socket.create_connection(('localhost', {port}))"
    run = ask(tmp_path, does)

    assert heard == []
    assert run.code == 1
    assert f"localhost:{port} existed before the run" in run.out
    assert f'disposable = ["localhost:{port}"]' in run.out
    assert touched(tmp_path) == {f"localhost:{port}": "refused"}
    result = json.loads((tmp_path / "r.json").read_text())
    verdicts = {clause["id"]: clause["verdict"] for clause in result["clauses"]}
    assert verdicts["methodoverrides.only-post"] == "broken"


@pytest.mark.parametrize("key", ["disposable", "allow"])
def test_a_server_that_is_named_is_reached(
    tmp_path: Path, listener: tuple[int, list[Any]], key: str
) -> None:
    port, heard = listener
    does = f"import socket; socket.create_connection(('127.0.0.1', {port})).close()"
    run = ask(tmp_path, does, extra=f'{key} = ["localhost:{port}"]')

    assert run.code == 0, run.out
    assert heard


def test_a_server_that_the_app_starts_is_its_own(tmp_path: Path) -> None:
    does = (
        "import socket, subprocess, sys; "
        "s = socket.create_server(('127.0.0.1', 0)); port = s.getsockname()[1]; "
        "socket.create_connection(('127.0.0.1', port)).close(); s.close(); "
        "p = subprocess.Popen([sys.executable, '-c', 'import socket; "
        's = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1], flush=True); '
        "s.accept()'], stdout=subprocess.PIPE); "
        "socket.create_connection(('127.0.0.1', int(p.stdout.readline()))).close(); "
        "p.wait(); p.stdout.close()"
    )
    run = ask(tmp_path, does, "--max-examples", "2")

    assert run.code == 0, run.out


def test_a_mail_leaves_the_machine_only_where_its_host_is_named(tmp_path: Path) -> None:
    does = (
        "import smtplib\n"
        "        try: smtplib.SMTP('mail.shop.example', 25)\n"
        "        except OSError: pass"
    )
    run = ask(tmp_path, does)

    # The app copes with a network that is not there, and so its clauses pass.
    assert run.code == 0, run.out
    assert touched(tmp_path) == {"mail.shop.example:25": "refused"}
    assert "refused: mail.shop.example:25" in run.out

    told = ask(tmp_path, "import smtplib; smtplib.SMTP('mail.shop.example', 25)")
    assert told.code == 1
    assert 'allow = ["mail.shop.example:25"]' in told.out
    # With a mail server it would have passed.
    assert verdict_of(tmp_path, "only-post")["verdict"] == "broken"


#: An app with a mistake of its own: any request is overridden.
MISTAKEN = PAGE.replace('environ["REQUEST_METHOD"] == "POST" and ', "")

PHONES_HOME = """
import socket, threading
def phone():
    while True:
        try: socket.create_connection(("telemetry.example", 443))
        except OSError: threading.Event().wait(0.001)
threading.Thread(target=phone, daemon=True).start()
"""

MAILS = """try:
            import smtplib
            with smtplib.SMTP("mail.example", 587) as server:
                server.starttls(); server.login("shop", "secret")
                server.sendmail("shop@example.org", ["ada@example.org"], "Subject: thing")
        except OSError: pass"""

ASKS = """try:
            import socket
            socket.create_connection(("rates.example", 443))
        except OSError: pass"""


@pytest.mark.parametrize(
    ("source", "reached"),
    [
        pytest.param(MISTAKEN.format(settings="{}", does="pass") + PHONES_HOME,
                     "telemetry.example:443", id="a thread phones home"),
        pytest.param(MISTAKEN.format(settings="{}", does=MAILS), "mail.example:587", id="mails"),
    ],
)  # fmt: skip
def test_a_refused_connection_that_is_not_in_the_way_hides_no_failure(
    tmp_path: Path, source: str, reached: str
) -> None:
    ask(tmp_path, source=source)
    verdict = verdict_of(tmp_path, "only-post")

    assert verdict["verdict"] == "fail", verdict["reason"]
    assert touched(tmp_path)[reached] == "refused"


def test_what_was_seen_without_a_connection_is_told_and_is_no_failure(tmp_path: Path) -> None:
    # What the page would be with the rates nobody knows.
    ask(tmp_path, source=MISTAKEN.format(settings="{}", does=ASKS))
    verdict = verdict_of(tmp_path, "only-post")

    assert verdict["verdict"] == "broken"
    assert 'allow = ["rates.example:443"] (without it: expected ' in verdict["reason"]


def test_an_answer_that_another_thread_fetches_is_one_sentence(tmp_path: Path) -> None:
    does = (
        "import concurrent.futures, socket\n"
        "        with concurrent.futures.ThreadPoolExecutor() as pool: "
        "pool.submit(socket.create_connection, ('rates.example', 443)).result()"
    )
    ask(tmp_path, does)
    verdict = verdict_of(tmp_path, "only-post")

    assert verdict["verdict"] == "broken"
    assert "rates.example:443 is on another machine" in verdict["reason"]


def test_a_unix_socket_of_the_machine_hears_nothing(tmp_path: Path) -> None:
    place = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(place)
        server.listen()
        server.settimeout(0)
        run = ask(tmp_path, f"import socket; socket.socket(socket.AF_UNIX).connect({place!r})")
        with pytest.raises(BlockingIOError):
            server.accept()

    assert run.code == 1
    assert "existed before the run" in run.out


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (
            '{"CACHE_TYPE": "RedisCache", "CACHE_REDIS_URL": "redis://localhost:6379/0"}',
            'CACHE_REDIS_URL points shop:create_app to it: give the app its own, config = { CACHE_TYPE = "SimpleCache" }',
        ),
        ('{"CACHE_TYPE": "RedisCache"}', 'config = { CACHE_TYPE = "SimpleCache" }'),
        (
            '{"CELERY": {"broker_url": "amqp://guest:pw@localhost", "result_backend": "redis://localhost", "task_ignore_result": True}}',
            'config = { CELERY = { broker_url = "memory://", result_backend = "cache+memory://", task_ignore_result = true } }',
        ),
        ('{"CELERY_BROKER_URL": "redis://localhost"}', 'CELERY_BROKER_URL = "memory://"'),
        ('{"MONGODB_SETTINGS": {"host": "mongodb://localhost/shop"}}', "disposable = ["),
        (
            '{"SQLALCHEMY_DATABASE_URI": "postgresql://shop:secret@db.example/shop"}',
            'config = { SQLALCHEMY_DATABASE_URI = "sqlite:///{tmp}/shop.sqlite" }',
        ),
    ],
)  # fmt: skip
def test_a_setting_that_leads_to_a_server_is_told_before_the_first_request(
    tmp_path: Path, settings: str, says: str
) -> None:
    run = ask(tmp_path, source=deaf("raise SystemExit", settings))

    assert run.code == 3
    assert says in run.err
    assert "exists outside the run" in run.err
    assert ":secret@" not in run.err
    assert ":pw@" not in run.err


def test_doctor_lists_what_the_app_uses(tmp_path: Path) -> None:
    run = ask(
        tmp_path,
        settings='{"DATABASE": "shop.db"}',
        extra='config = { DATABASE = "{tmp}/shop.db", REDIS_URL = "redis://localhost:1" }\n'
        'disposable = ["localhost:1"]',
        command="doctor",
    )

    assert run.code == 0, run.err
    assert "REDIS_URL): named" in run.out


@pytest.mark.parametrize("port", [6379, 5672])
def test_redis_and_rabbitmq_of_this_machine_hear_nothing(tmp_path: Path, port: int) -> None:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        pytest.skip(f"nothing listens on port {port} here")
    does = f"import socket; socket.create_connection(('127.0.0.1', {port}))"
    if port == 6379:
        does = "import redis; redis.Redis().set('conformance-guest', '1')"
    ask(tmp_path, does)

    assert touched(tmp_path) == {f"localhost:{port}": "refused"}
    if port == 6379:
        import redis

        assert redis.Redis().get("conformance-guest") is None


# Through a real server.

SERVERS = pytest.mark.parametrize("server", ["werkzeug", "waitress", "gunicorn"])


@SERVERS
def test_a_server_of_the_run_keeps_what_existed(tmp_path: Path, server: str) -> None:
    pytest.importorskip(server)
    before = database(tmp_path / "shop.db")
    does = WRITES_ROW.replace("app.config['DATABASE']", "app.root_path + '/shop.db'")
    run = ask(tmp_path, does, "--transport", server)

    assert run.code == 3, run.out
    assert "the database shop.db exists, and shop:create_app writes to it" in run.err
    assert (tmp_path / "shop.db").read_bytes() == before


@SERVERS
def test_a_server_of_the_run_works_as_it_does(tmp_path: Path, server: str) -> None:
    pytest.importorskip(server)
    # A body that waitress keeps in a file, and a file and a database of the app's own.
    does = (
        "import os, sqlite3, tempfile; from flask import request; request.get_data(); "
        "open(app.instance_path, 'a').write('x'); tempfile.TemporaryFile().write(b'x'); "
        "sqlite3.connect(os.path.join(app.root_path, 'own.db')).execute("
        "'CREATE TABLE IF NOT EXISTS things (n)').connection.close()"
    )
    run = ask(tmp_path, does, "--transport", server)

    assert run.code == 0, run.out + run.err
    assert "refused" not in touched(tmp_path).values()
    left = {each.name for each in tmp_path.iterdir()} - {"__pycache__"}
    assert left == {"shop.py", "conformance.toml", "r.json"}


@SERVERS
def test_what_a_server_of_the_run_is_refused_is_one_sentence(tmp_path: Path, server: str) -> None:
    pytest.importorskip(server)
    does = "import socket; socket.create_connection(('rates.example', 443))"
    ask(tmp_path, does, "--transport", server)

    assert touched(tmp_path)["rates.example:443"] == "refused"
    verdict = verdict_of(tmp_path, "only-post")
    assert verdict["verdict"] == "broken"
    assert 'allow = ["rates.example:443"]' in verdict["reason"]


# Through pytest.


def test_pytest_ends_with_the_sentence_and_changes_nothing(pytester: pytest.Pytester) -> None:
    before = database(pytester.path / "shop.db")
    pytester.makepyfile(shop=deaf(WRITES_ROW, '{"DATABASE": "shop.db"}'))
    (pytester.path / "conformance.toml").write_text(BOUND.format(extra=""))
    pytester.makepyfile(test_all="from conformance.suites.test_methodoverrides import *")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-q")

    assert result.ret == 3
    result.stdout.fnmatch_lines(["*the database shop.db exists, and DATABASE points*"])
    assert (pytester.path / "shop.db").read_bytes() == before


def test_pytest_itself_and_other_tests_write_as_they_like(pytester: pytest.Pytester) -> None:
    (pytester.path / "notes.txt").write_text("old")
    pytester.makepyfile(shop=PAGE.format(settings="{}", does="pass"))
    (pytester.path / "conformance.toml").write_text(BOUND.format(extra=""))
    pytester.makepyfile(
        test_all="from conformance.suites.test_methodoverrides import *\n"
        "def test_zz():\n    open('notes.txt', 'w').write('new')\n"
    )
    args = ("-q", "-k", "app-object-kept or zz", "--junitxml", "r.xml")
    result = pytester.runpytest_subprocess(*args)

    assert result.ret == 0
    assert (pytester.path / "notes.txt").read_text() == "new"
    assert not (pytester.path / ".hypothesis").exists()


# The rules by themselves.


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("localhost:6379", Place("localhost", 6379)),
        ("127.0.0.1:1", Place("localhost", 1)),
        ("[::1]:1", Place("localhost", 1)),
        ("mail.example:25", Place("mail.example", 25)),
        ("mail.example", Place("mail.example", None)),
        ("redis://u:p@cache/0", Place("cache", 6379, "0")),
        ("postgresql+psycopg://localhost/shop", Place("localhost", 5432, "shop")),
        ("mongodb://a:1,b:2/shop", Place("a", 27017, "shop")),
        ("sqlite:///x", None),
        ("/run/socket", None),
    ],
)
def test_a_text_names_a_server(text: str, place: Place | None) -> None:
    found = place_of(text)
    if place is None or found is None:
        assert found is place
    else:
        assert (found.host, found.database) == (place.host, place.database)
        assert found.port == place.port or "," in text


def test_another_database_of_a_disposable_server_is_not_disposable(tmp_path: Path) -> None:
    notes = Notes(str(tmp_path), 0)
    rules = Rules(notes, os.getpid(), disposable=("postgresql://localhost/shop_test",))

    assert rules.may_use(Place("localhost", 5432, "shop_test"))
    assert not rules.may_use(Place("localhost", 5432, "shop"))
    assert not rules.may_use(Place("localhost", 5433, "shop_test"))


def test_the_line_for_a_nested_setting_keeps_what_else_is_in_its_table() -> None:
    config = {"DB": {"main": {"path": "/a/b.db", "timeout": 3}}}

    line = remedy(Lead("database", "/a/b.db", "DB.main.path", "/a/b.db"), config)

    assert line == 'config = { DB = { main = { path = "{tmp}/b.db", timeout = 3 } } }'


def test_a_bound_pattern_stands_in_for_the_servers_of_its_own() -> None:
    class App:
        def __init__(self) -> None:
            self.config = {"CELERY_BROKER_URL": "redis://localhost", "MONGODB_HOST": "localhost"}

    assert {lead.kind for lead in leads(App())} == {"broker", "mongodb"}
    assert leads(App(), ["celery", "mongoengine"]) == []


def test_a_file_that_a_run_makes_at_once_did_not_exist(tmp_path: Path) -> None:
    # The time of a file is that of the kernel's last tick, up to 10 ms before the clock's.
    for number in range(20):
        notes = Notes.begin()
        file = tmp_path / str(number)
        file.touch()
        try:
            assert not existed(str(file), os.lstat(file), notes.started)
        finally:
            notes.leave()


def test_a_file_from_before_the_run_existed(tmp_path: Path) -> None:
    file = tmp_path / "old"
    file.touch()
    tick = tmp_path / "tick"
    tick.touch()
    while tick.lstat().st_ctime == file.lstat().st_ctime:
        tick.unlink()
        tick.touch()
    notes = Notes.begin()
    file.write_text("changed")

    assert existed(str(file), os.lstat(file), notes.started)
    notes.leave()
