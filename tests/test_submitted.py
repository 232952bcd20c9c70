"""What a survey that may submit finds: views without a form, uploads, rows, streams, logouts."""

from __future__ import annotations

from typing import Any

import pytest

from .test_detectors import Find
from .test_detectors import find as find

# Views for which no page has a form.

API = """
import flask
from flask import Flask, request
from flask.views import MethodView
notes = {}
def listed():
    return notes
def init(app):
    notes.clear()
    app.add_url_rule("/notes", "listed", listed)
    app.add_url_rule("/notes/empty", "empty", lambda: str(request.form["text"]), methods=["POST"])
"""

#: Ways to read what is sent.
READS = {
    "get_json": """
def add():
    data = request.get_json()
    if not data.get("text"):
        flask.abort(400)
    notes[len(notes)] = data["text"]
    return {"text": data["text"], "size": int(data["size"])}
def init_more(app):
    app.add_url_rule("/notes", "add", add, methods=["POST"])
""",
    "json": """
def add():
    size = float(request.json["size"])
    notes[len(notes)] = request.json["text"]
    return {"note": {"text": request.json["text"], "size": size}}
def init_more(app):
    app.add_url_rule("/notes", "add", add, methods=["POST"])
""",
    "class": """
class Notes(MethodView):
    def post(self):
        sent = request.get_json(silent=True) or flask.abort(400)
        size = int(sent.pop("size"))
        notes[len(notes)] = sent["text"]
        return {"text": sent["text"], "size": size}, 201
def init_more(app):
    app.add_url_rule("/notes", view_func=Notes.as_view("add"))
""",
}

MORE = """
def create_app(config=None):
    app = Flask(__name__)
    app.config.update(SECRET_KEY="dev", **(config or {}))
    init(app)
    init_more(app)
    return app
"""


@pytest.mark.parametrize("way", READS)
def test_what_a_view_reads_is_sent_to_it(find: Find, way: str) -> None:
    table = find("javascript", API + READS[way], factory=MORE, submits=True).table

    assert table["receive"] == {"path": "/notes", "json": {"text": "conformance", "size": 7}} or (
        table["receive"] == {"path": "/notes", "json": {"size": 7, "text": "conformance"}}
    )
    assert sorted(table["required"]) == ["size", "text"]
    assert (table["text_field"], table["number_field"]) == ("text", "size")
    assert table["state"] == "/notes"


def test_nothing_is_sent_to_a_view_unless_somebody_says_so(find: Find) -> None:
    found = find("javascript", API + READS["json"], factory=MORE)

    assert "receive" not in found.table
    assert set(found.requests) <= {"GET", "HEAD", "OPTIONS"}


def test_a_view_whose_name_says_that_it_deletes_is_left_alone(find: Find) -> None:
    found = find("javascript", API, submits=True)

    assert "POST" not in found.requests


def test_what_a_path_shows_is_put_there(find: Find) -> None:
    source = """
    from flask import Flask, abort, request
    def room(number):
        if number != 1:
            abort(404)
        if request.method == "PUT":
            if not isinstance(request.get_json(), dict) or "name" not in request.get_json():
                abort(400)
            rooms.update(request.get_json())
        return rooms
    rooms = {"id": 1, "name": "one"}
    def init(app):
        app.add_url_rule("/rooms/<int:number>", "room", room, methods=["GET", "PUT"])
    """

    table = find("javascript", source, submits=True).table

    assert table["receive"] == {
        "method": "PUT", "path": "/rooms/1", "json": {"id": 1, "name": "one"},
    }  # fmt: skip
    assert (table["required"], table["text_field"]) == (["name"], "name")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("return dict(request.get_json(), size=1)", True),
        ("return sent()", True),
        ("return {'body': request.get_data(as_text=True)}", False),
        ("return {'method': request.method}", False),
    ],
    ids=["reads it", "by a function", "shows the body", "does not look"],
)
def test_what_answers_whatever_it_is_sent_receives_no_json(
    find: Find, body: str, found: bool
) -> None:
    source = f"""
    from flask import Flask, request
    def sent():
        return dict(request.get_json(), size=1)
    def any_method():
        if request.method == "GET":
            return {{"size": 1}}
        {body}
    def init(app):
        app.add_url_rule("/any", "any", any_method, methods=["GET", "PUT"])
    """

    assert ("receive" in find("javascript", source, submits=True).table) is found


def test_a_name_without_which_a_view_fails_is_required(find: Find) -> None:
    source = API + READS["json"].replace("def add():", 'def add():\n    request.json["by"].strip()')

    assert "by" in find("javascript", source, factory=MORE, submits=True).table["required"]


def test_things_by_their_ids_are_a_list_of_them(find: Find) -> None:
    source = """
    from flask import Flask, abort
    things = {"kettle": {"size": 3}, "pot": {"size": 4}}
    def show(name):
        return things.get(name) or abort(404)
    def init(app):
        app.add_url_rule("/api/things", "things", lambda: things)
        app.add_url_rule("/api/things/<name>", "thing", show)
    """

    table = find("javascript", source).table

    assert (table["detail"], table["known"]) == ("/api/things/{id}", "kettle")


def test_what_another_page_has_in_its_path_is_the_same_thing(find: Find) -> None:
    source = """
    from flask import Flask, abort
    def show(name):
        return {"name": name} if name == "kettle" else abort(404)
    def init(app):
        app.add_url_rule("/", "index", lambda: "<a href=/things/kettle>kettle</a>")
        app.add_url_rule("/things/<name>", "page", lambda name: f"<p>{name}")
        app.add_url_rule("/api/things/<name>", "thing", show)
    """

    table = find("javascript", source).table

    assert (table["detail"], table["known"]) == ("/api/things/{id}", "kettle")


# Uploads.

UPLOADS = """
import flask, os, secrets, tempfile
from flask import Flask, request, url_for
files = {}
def page():
    return ('<!doctype html><form method=post action=/send enctype=multipart/form-data>'
            '<input name=title required><input type=file name=document></form>')
def send():
    file = request.files["document"]
    if not request.form.get("title"):
        flask.abort(400)
    content = file.read()
    if len(content) > flask.current_app.config["LARGEST_FILE_SIZE_MAX"]:
        flask.abort(413)
    {check}
    name = secrets.token_hex(4)
    files[name] = content
    return {answer}
def show(name):
    return f'<!doctype html><a href="/files/{name}/raw">get it</a>'
def raw(name):
    return flask.Response(files[name], mimetype="application/octet-stream")
def init(app):
    app.config.setdefault("LARGEST_FILE_SIZE_MAX", 5000)
    app.add_url_rule("/", "page", page)
    app.add_url_rule("/send", "send", send, methods=["POST"])
    app.add_url_rule("/files/<name>", "show", show)
    app.add_url_rule("/files/<name>/raw", "raw", raw)
"""

ANSWERS = {
    "redirect": 'flask.redirect(url_for("show", name=name))',
    "json": '({"url": url_for("raw", name=name)}, 201)',
    "page": "show(name)",
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_upload_is_tried_with_all_that_its_form_has(find: Find, answer: str) -> None:
    source = UPLOADS.replace("{check}", "").replace("{answer}", ANSWERS[answer])

    assert find("fileuploads", source, submits=True).table == {
        "page": "/",
        "upload": {"method": "POST", "path": "/send", "form": {"title": "conformance"}},
        "field": "document",
        "download": "/files/{name}/raw",
        "limit": 5000,
    }


def test_an_upload_that_takes_nothing_that_is_tried_is_a_guess(find: Find) -> None:
    source = UPLOADS.replace("{check}", "flask.abort(400)").replace("{answer}", '""')
    found = find("fileuploads", source, submits=True)

    assert found.table == {}
    assert found.guesses["page"] == "/"


def test_no_file_is_sent_unless_somebody_says_so(find: Find) -> None:
    source = UPLOADS.replace("{check}", "").replace("{answer}", ANSWERS["json"])

    assert set(find("fileuploads", source).requests) <= {"GET", "HEAD", "OPTIONS"}


# Rows in a database whose place nobody can set.

ROWS = """
import contextlib, os, sqlite3, tempfile
from sqlite3 import dbapi2
from flask import Flask, redirect, request
{place}
def page():
    rows = run("SELECT name FROM person")
    return "<!doctype html><form method=post action=/add><input name=name></form>" + "".join(
        f"<li>{row[0]}</li>" for row in rows)
def add():
    run("INSERT INTO person VALUES (?)", [request.form["name"]])
    return redirect("/")
def init(app):
    {ready}
    run("CREATE TABLE IF NOT EXISTS person (name TEXT)")
    app.add_url_rule("/", "page", page)
    app.add_url_rule("/add", "add", add, methods=["POST"])
"""

PLACES = {
    "connected each time": ("""
FILE = os.path.join(tempfile.mkdtemp(), "people.db")
def run(query, values=()):
    with contextlib.closing(sqlite3.connect(FILE)) as db, db:
        return db.execute(query, values).fetchall()
""", ""),
    "of a library": ("""
class Store:
    def __init__(self):
        self.file = os.path.join(tempfile.mkdtemp(), "people.db")
    def run(self, query, values=()):
        db = dbapi2.connect(self.file, timeout=1, isolation_level=None)
        try:
            return list(db.execute(query, values))
        finally:
            db.close()
def run(query, values=()):
    return store.run(query, values)
""", "global store; store = Store()"),
    "by its address": ("""
def run(query, values=()):
    db = sqlite3.connect(f"file:{FILE}?mode=rwc", uri=True)
    with contextlib.closing(db), db:
        return db.execute(query, values).fetchall()
""", 'global FILE; FILE = os.path.join(tempfile.mkdtemp(), "people.db")'),
}  # fmt: skip


@pytest.mark.parametrize("way", PLACES)
def test_a_row_is_found_in_whichever_database_is_opened(find: Find, way: str) -> None:
    place, ready = PLACES[way]
    source = ROWS.replace("{place}", place).replace("{ready}", ready or "pass")

    assert find("sqlite3", source, submits=True).table == {
        "create": {"path": "/add", "form": {}},
        "field": "name",
        "list": "/",
    }


def test_what_is_kept_in_memory_is_no_row(find: Find) -> None:
    source = """
    import sqlite3
    from flask import Flask, redirect, request
    names = []
    def page():
        return "<!doctype html><form method=post action=/add><input name=name></form>" + str(names)
    def add():
        names.append(request.form["name"])
        return redirect("/")
    def init(app):
        app.add_url_rule("/", "page", page)
        app.add_url_rule("/add", "add", add, methods=["POST"])
    """

    assert find("sqlite3", source, submits=True).table == {}


def test_a_place_that_nobody_can_set_is_none_of_what_patterns_share(find: Find) -> None:
    place, _ = PLACES["connected each time"]
    messages = """
def page():
    import flask
    rows = run("SELECT name FROM person")
    return "<!doctype html><form method=post action=/add><input name=name></form>" + "".join(
        f"<li>{row[0]}</li>" for row in [*rows, *([x] for x in flask.get_flashed_messages())])
"""
    source = ROWS.replace("{place}", place).replace("{ready}", "pass") + messages

    found = find(("flashing", "sqlite3", "interactions"), source, submits=True)
    table = {each.key for each in found.findings if each.pattern == "interactions"}

    assert {"add", "messages"} <= table
    assert "database" not in table


# Streams that read what is opened for them.

STREAMS = """
import os, sqlite3, tempfile
from flask import Flask, Response
from werkzeug.wsgi import ClosingIterator
FILE = os.path.join(tempfile.mkdtemp(), "lines")
def init(app):
    with open(FILE, "w") as file:
        file.write("line\\n" * 40000)
    app.add_url_rule("/lines", "lines", lines)
"""

OPENS = {
    "in the generator": """
def lines():
    def each():
        with open(FILE) as file:
            yield from file
    return Response(each(), mimetype="text/plain")
""",
    "closed by what is around it": """
def lines():
    file = open(FILE, "rb")
    each = ClosingIterator(iter(lambda: file.read(999), b""), file.close)
    return Response(each, mimetype="text/plain")
""",
    "called on close": """
def lines():
    db = sqlite3.connect(":memory:")
    rows = db.execute("SELECT value FROM json_each('[1, 2, 3, 4]')")
    response = Response((str(row[0]) for row in rows), mimetype="text/plain")
    response.call_on_close(db.close)
    return response
""",
}


@pytest.mark.parametrize("way", OPENS)
def test_a_stream_that_reads_what_is_opened_for_it_is_found(find: Find, way: str) -> None:
    assert find("streaming", STREAMS + OPENS[way]).table["resource"] == "/lines"


def test_a_stream_of_what_is_there_opens_nothing(find: Find) -> None:
    source = """
    from flask import Flask, Response
    def init(app):
        app.add_url_rule("/lines", "lines", lambda: Response(str(n) for n in range(9)))
    """

    assert "resource" not in find("streaming", source).table


@pytest.mark.parametrize(
    ("kind", "key"), [("text/event-stream", "events"), ("text/plain", "context")]
)
def test_a_stream_that_shows_what_is_asked_is_of_its_media_type(
    find: Find, kind: str, key: str
) -> None:
    source = f"""
    from flask import Flask, Response, request, stream_with_context
    def each():
        yield "data: " + request.args.get("name", "")
        yield "\\n\\n"
    def init(app):
        stream = lambda: Response(stream_with_context(each()), mimetype="{kind}")
        app.add_url_rule("/stream", "stream", stream)
    """

    assert find("streaming", source).table == {key: "/stream"}


OVERRIDE = """
import flask
from flask import Flask
class Override:
    def __init__(self, app):
        self.app = app
    def __call__(self, environ, start_response):
        if environ["REQUEST_METHOD"] == "POST":
            environ["REQUEST_METHOD"] = environ.get("{key}", "POST")
        return self.app(environ, start_response)
def page():
    said = "".join(f"<p>{each}</p>" for each in flask.get_flashed_messages())
    return "<!doctype html><title>x</title>" + said
def init(app):
    app.add_url_rule("/", "page", page)
    {wrap}
"""


@pytest.mark.parametrize(
    ("key", "wrap", "header"),
    [
        ("HTTP_X_HTTP_METHOD_OVERRIDE", "app.wsgi_app = Override(app.wsgi_app)",
         "X-HTTP-Method-Override"),
        ("HTTP_X_HTTP_METHOD", "app.wsgi_app = Override(app.wsgi_app)", "X-HTTP-Method"),
        ("HTTP_X_HTTP_METHOD", "pass", None),
    ],
    ids=["usual", "another", "not around the app"],
)  # fmt: skip
def test_a_header_is_one_of_the_app_that_it_is_around(
    find: Find, key: str, wrap: str, header: str | None
) -> None:
    source = OVERRIDE.replace("{key}", key).replace("{wrap}", wrap)

    found = find(("flashing", "methodoverrides", "interactions"), source)
    keys = {each.key: each.value for each in found.findings if each.pattern == "interactions"}

    assert keys.get("override_header") == header


# Logging out.

OUT = """
import flask
from flask import Flask, flash, redirect, request, session
def page(text):
    said = "".join(f"<p>{each}</p>" for each in flask.get_flashed_messages())
    return f"<!doctype html><title>x</title>{said}{text}"
def check():
    if "who" not in session and request.path != "/login":
        {refusal}
        return redirect("/login")
def login():
    if request.method == "POST":
        if request.form["password"] == "engine":
            session["who"] = "ada"
            return redirect("/")
    return page("<form method=post><input name=password type=password></form>")
def logout():
    session.clear()
    {farewell}
    return redirect("/login")
def init(app):
    app.before_request(check)
    app.add_url_rule("/", "index", lambda: page("for members"))
    app.add_url_rule("/list", "list", lambda: page("a list"))
    app.add_url_rule("/login", "login", login, methods=["GET", "POST"])
    app.add_url_rule("/logout", "logout", logout)
"""


@pytest.mark.parametrize("refusal", ["pass", 'flash("Log in first.")'], ids=["silent", "told"])
@pytest.mark.parametrize("farewell", ["pass", 'flash("Goodbye.")'], ids=["leaves", "is told"])
def test_a_logout_is_found_whatever_is_said_at_it(find: Find, refusal: str, farewell: str) -> None:
    source = OUT.replace("{refusal}", refusal).replace("{farewell}", farewell)

    found = find("viewdecorators", source, logins={"ada": {"password": "engine"}})
    people: dict[str, Any] = {each.key: each.value for each in found.findings if each.confirmed}

    assert people["ada.logout"] == "/logout"


def test_a_logout_that_leaves_somebody_in_is_none(find: Find) -> None:
    source = OUT.replace("{refusal}", "pass").replace("{farewell}", 'session["who"] = "ada"')

    found = find("viewdecorators", source, logins={"ada": {"password": "engine"}})

    assert "ada.logout" not in {each.key for each in found.findings if each.confirmed}


def test_who_is_sent_to_the_login_has_had_nothing_taken(find: Find) -> None:
    source = (
        OUT.replace("{refusal}", 'flash("Log in first.")').replace("{farewell}", "pass")
        + """
    app.add_url_rule("/notes", "notes", lambda: request.form["text"], methods=["POST"])
"""
    )

    found = find("flashing", source, submits=True, logins={"ada": {"password": "engine"}})

    assert "trigger" not in found.table
