"""Shops that are built in other ways than the reference's."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import secrets
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask
import flask_login
from cachelib import SimpleCache
from flask import abort, flash, redirect, request, session, url_for
from flask.sessions import SessionInterface, SessionMixin
from flask_caching import Cache
from flask_sqlalchemy import SQLAlchemy
from markupsafe import escape
from sqlalchemy import event, select
from werkzeug.datastructures import CallbackDict

import reference.interactions as right
from conformance import Subject
from tests.mutants.interactions import BINDING, shop
from tests.proof import variant

PEOPLE = {
    "Linus": {"email": "linus@example.org", "pin": "1111"},
    "Wanda": {"email": "wanda@example.org", "pin": "2222"},
}
BY_FIELDS = {tuple(fields.values()): name for name, fields in PEOPLE.items()}


def people_of(path: str, logout: Any) -> dict[str, Any]:
    """Those who log in with a form that is sent to a path."""
    return {
        name: {"login": {"path": path, "form": fields}, "logout": logout, "shows": name}
        for name, fields in PEOPLE.items()
    }


def override(wsgi_app: Any, header: str = "HTTP_X_METHOD") -> Any:
    def call(environ: dict[str, Any], start_response: Any) -> Any:
        token = environ.get(header, "").upper()
        if environ["REQUEST_METHOD"] == "POST" and token in ("DELETE", "PUT"):
            environ["REQUEST_METHOD"] = token
        return wsgi_app(environ, start_response)

    return call


def queue_mail(name: str) -> None:
    """Where the variants queue their tasks."""


# A shop with sessions on the server and a cache of data instead of pages.


class Kept(CallbackDict[str, Any], SessionMixin):
    def __init__(self, sid: str, values: dict[str, Any]) -> None:
        def changed(_: Any) -> None:
            self.modified = True

        super().__init__(values, changed)
        self.sid = sid
        self.modified = False


class OnTheServer(SessionInterface):
    def __init__(self) -> None:
        self.all: dict[str, str] = {}

    def open_session(self, app: flask.Flask, request: flask.Request) -> Kept:
        sid = request.cookies.get("sid", "")
        if sid in self.all:
            return Kept(sid, json.loads(self.all[sid]))
        return Kept(secrets.token_urlsafe(), {})

    def save_session(self, app: flask.Flask, session: Any, response: flask.Response) -> None:
        if not session.modified:
            return
        self.all[session.sid] = json.dumps(dict(session))
        response.set_cookie("sid", session.sid, path=request.root_path or "/", httponly=True)


@variant
def sessions_on_the_server() -> Subject:
    """Sessions on the server, a cache of the list alone, files named by their hash, JSON answers."""

    def create_app(config: dict[str, Any]) -> flask.Flask:
        app = flask.Flask("shop")
        app.config.update(DB_FILE="shop.db", FILES="files", SECRET_KEY="variant")
        app.config.update(config)
        app.session_interface = OnTheServer()
        app.wsgi_app = override(app.wsgi_app)  # type: ignore[method-assign]
        cache = SimpleCache()

        @contextlib.contextmanager
        def database() -> Iterator[sqlite3.Connection]:
            db = sqlite3.connect(app.config["DB_FILE"], timeout=0.2)
            try:
                db.execute(
                    "CREATE TABLE IF NOT EXISTS things (id INTEGER PRIMARY KEY, name UNIQUE)"
                )
                with db:
                    yield db
            finally:
                db.close()

        def names() -> list[str]:
            with database() as db:
                return [name for (name,) in db.execute("SELECT name FROM things ORDER BY id")]

        def cached_names() -> list[str]:
            found: list[str] | None = cache.get("names")
            if found is None:
                cache.set("names", found := names(), timeout=30)
            return found

        def page(*parts: str) -> str:
            who = f"<b>{escape(session['user'])}</b>" if "user" in session else "a stranger"
            waiting = "".join(f"<li>{escape(m)}</li>" for m in flask.get_flashed_messages())
            return f"<p>Hello {who}<ul>{waiting}</ul>{''.join(parts)}"

        def member() -> str:
            if "user" not in session:
                abort(401)
            return str(session["user"])

        @app.errorhandler(sqlite3.OperationalError)
        def busy(error: Exception) -> Any:
            return "the database is busy", 503

        @app.after_request
        def track(response: flask.Response) -> flask.Response:
            if "seen" not in request.cookies:
                response.set_cookie("seen", "1", max_age=1000)
            response.headers.setdefault("Cache-Control", "private, no-cache")
            return response

        @app.post("/session")
        def login() -> Any:
            user = BY_FIELDS.get((request.form["email"], request.form["pin"]))
            if user is None:
                abort(403)
            session["user"] = user
            return {"user": user}

        @app.delete("/session")
        def logout() -> Any:
            session.pop("user", None)
            return {}

        @app.get("/me")
        def me() -> str:
            return page(f"<h1>{member()}</h1>")

        @app.get("/inbox")
        def inbox() -> str:
            return page()

        @app.post("/inbox")
        def say() -> Any:
            flash(request.form["body"])
            return {}, 202

        @app.get("/list")
        def list_page() -> str:
            return page(*(f"<i>{escape(name)}</i>" for name in cached_names()))

        @app.get("/api/things")
        def things() -> Any:
            return names()

        @app.post("/api/things")
        def add() -> Any:
            member()
            with database() as db:
                db.execute("INSERT INTO things (name) VALUES (?)", (request.form["body"],))
            return {}, 201

        @app.delete("/api/things/<name>")
        def remove(name: str) -> Any:
            member()
            with database() as db:
                db.execute("DELETE FROM things WHERE name = ?", (name,))
            return {}

        @app.get("/export")
        def export() -> Any:
            head = page()
            found = names()

            def generate() -> Iterator[str]:
                yield head
                for name in found:
                    yield f"<i>{escape(name)}</i>"

            return generate()

        @app.post("/sums")
        def sums() -> Any:
            body = request.get_data()
            return f"{hashlib.md5(body).hexdigest()} {request.form['body']}"

        @app.post("/files")
        def upload() -> Any:
            member()
            content = request.files["picture"].read()
            name = hashlib.sha256(content).hexdigest()
            folder = Path(app.config["FILES"])
            handle, part = tempfile.mkstemp(dir=folder)
            try:
                with open(handle, "wb") as file:
                    file.write(content)
                with contextlib.suppress(FileExistsError):
                    os.link(part, folder / name)
            finally:
                os.unlink(part)
            return {"url": url_for("stored", name=name), "size": len(content)}, 201

        @app.get("/files/<name>")
        def stored(name: str) -> Any:
            return flask.send_from_directory(Path(app.config["FILES"]), name)

        @app.post("/orders")
        def order() -> Any:
            member()
            with database() as db:
                db.execute("INSERT INTO things (name) VALUES (?)", (request.form["body"],))
                if "card" not in request.form:
                    abort(402)
            queue_mail(request.form["body"])
            return {}, 201

        return app

    binding = {
        "protected": "/me",
        "messages": "/inbox",
        "notice": {"method": "POST", "path": "/inbox"},
        "text_field": "body",
        "cached": "/list",
        "things": "/api/things",
        "add": {"method": "POST", "path": "/api/things"},
        "remove": {"method": "DELETE", "path": "/api/things/{name}"},
        "override_header": "X-Method",
        "checksum": {"method": "POST", "path": "/sums"},
        "algorithm": "md5",
        "stream": "/export",
        "upload": {"method": "POST", "path": "/files"},
        "upload_field": "picture",
        "folder": "FILES",
        "failing": "/nowhere",
        "cookie": "seen",
        "order": {"method": "POST", "path": "/orders", "form": {"card": "1234"}},
        "failing_order": {"method": "POST", "path": "/orders"},
        "enqueue": "tests.variants.interactions:queue_mail",
        "database": "DB_FILE",
    }
    people = people_of("/session", {"method": "DELETE", "path": "/session"})
    return Subject(app=create_app, patterns={"interactions": binding}, people=people)


# A shop made of extensions.


class Person(flask_login.UserMixin):  # type: ignore[misc]
    def __init__(self, name: str) -> None:
        self.id = name


LAYOUT = """<!doctype html>
<title>shop</title>
{% if current_user.is_authenticated %}<p>{{ current_user.id }}</p>{% endif %}
{% for message in get_flashed_messages() %}<div role=alert>{{ message }}</div>{% endfor %}
<ul>{% for name in names %}<li>{{ name }}</li>{% endfor %}</ul>
{% if path %}<img src="{{ path }}">{% endif %}"""


@variant
def extensions() -> Subject:
    """Flask-SQLAlchemy with files in the database, Flask-Login, Flask-Caching, tasks after a commit."""

    def create_app(config: dict[str, Any]) -> flask.Flask:
        app = flask.Flask("shop")
        app.config.update(
            SECRET_KEY="variant",
            CACHE_TYPE="flask_caching.backends.SimpleCache",
            SQLALCHEMY_ENGINE_OPTIONS={"connect_args": {"timeout": 0.2}},
        )
        app.config.update(config)
        app.wsgi_app = override(app.wsgi_app)  # type: ignore[method-assign]
        db = SQLAlchemy(app)
        cache = Cache(app)
        manager = flask_login.LoginManager(app)
        manager.login_view = "login"
        manager.user_loader(Person)

        class Thing(db.Model):  # type: ignore[name-defined,misc]
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String, unique=True)

        class Blob(db.Model):  # type: ignore[name-defined,misc]
            id = db.Column(db.Integer, primary_key=True)
            content = db.Column(db.LargeBinary)

        with app.app_context():
            db.create_all()
            # A connection of its own would outlive the app.
            db.engine.dispose()

        def names() -> list[str]:
            return list(db.session.execute(select(Thing.name)).scalars())

        def page(**values: Any) -> str:
            return flask.render_template_string(LAYOUT, **values)

        @app.before_request
        def remember() -> None:
            if "tracker" in request.cookies:
                return
            token = secrets.token_hex()

            @flask.after_this_request
            def set_cookie(response: flask.Response) -> flask.Response:
                response.set_cookie("tracker", token)
                return response

        @app.route("/login", methods=["GET", "POST"])
        def login() -> Any:
            if request.method == "GET":
                return (
                    "<form method=post><input type=hidden name=next "
                    f'value="{escape(request.args.get("next", ""))}">'
                    "<input name=email><input name=pin type=password></form>"
                )
            user = BY_FIELDS.get((request.form["email"], request.form["pin"]))
            if user is None:
                return "no", 401
            flask_login.login_user(Person(user))
            flash("Welcome back!")
            return redirect(url_for("home"))

        @app.get("/logout")
        def logout() -> Any:
            flask_login.logout_user()
            return redirect(url_for("home"))

        @app.get("/")
        def home() -> str:
            return page()

        @app.get("/account")
        @flask_login.login_required
        def account() -> str:
            return page(names=names())

        @app.post("/say")
        def say() -> Any:
            flash(request.form["text"])
            return redirect(url_for("home"))

        @app.get("/offers")
        @cache.cached(
            timeout=20,
            make_cache_key=lambda *a, **k: f"{request.url} {flask_login.current_user.get_id()}",
            unless=lambda: "_flashes" in session,
        )
        def offers() -> str:
            return page(names=names())

        @app.get("/names")
        def things() -> Any:
            return flask.jsonify(names())

        @app.post("/names")
        @flask_login.login_required
        def add() -> Any:
            db.session.add(Thing(name=request.form["text"]))
            db.session.commit()
            return redirect(url_for("offers"))

        @app.delete("/names/<name>")
        @flask_login.login_required
        def remove(name: str) -> Any:
            thing = db.session.execute(select(Thing).filter_by(name=name)).scalar_one_or_none()
            if thing is None:
                abort(404)
            db.session.delete(thing)
            db.session.commit()
            return redirect(url_for("offers"), 303)

        @app.route("/sum", methods=["POST", "PUT"])
        def checksum() -> Any:
            body = request.get_data(cache=True)
            return flask.jsonify(sum=hashlib.sha1(body).hexdigest(), said=request.form.get("text"))

        @app.get("/all")
        def everything() -> Any:
            messages = flask.get_flashed_messages()
            found = names()

            def generate() -> Iterator[str]:
                yield f"<p>{escape(flask_login.current_user.get_id() or '')}</p>"
                yield from (f"<p>{escape(message)}</p>" for message in messages)
                yield from (f"<li>{escape(name)}</li>" for name in found)

            return flask.Response(flask.stream_with_context(generate()), mimetype="text/html")

        @app.post("/pictures")
        @flask_login.login_required
        def upload() -> Any:
            blob = Blob(content=request.files["file"].read())
            db.session.add(blob)
            db.session.commit()
            return redirect(url_for("gallery", number=blob.id))

        @app.get("/gallery/<int:number>")
        def gallery(number: int) -> str:
            return page(path=url_for("picture", number=number))

        @app.get("/pictures/<int:number>")
        def picture(number: int) -> Any:
            blob = db.session.get(Blob, number)
            if blob is None:
                abort(404)
            return flask.send_file(io.BytesIO(blob.content), "application/octet-stream")

        @app.get("/broken")
        def broken() -> Any:
            raise RuntimeError("broken")

        @app.post("/buy")
        @flask_login.login_required
        def buy() -> Any:
            name = request.form["text"]
            db.session.add(Thing(name=name))
            event.listen(db.session(), "after_commit", lambda _: queue_mail(name), once=True)
            db.session.flush()
            if "gift" not in request.form:
                db.session.rollback()
                return page(), 422
            db.session.commit()
            return page()

        return app

    binding = {
        "protected": "/account",
        "messages": "/",
        "notice": {"method": "POST", "path": "/say"},
        "cached": "/offers",
        "things": "/names",
        "add": {"method": "POST", "path": "/names"},
        "remove": {"method": "DELETE", "path": "/names/{name}"},
        "override_header": "X-Method",
        "checksum": {"method": "POST", "path": "/sum"},
        "algorithm": "sha1",
        "stream": "/all",
        "upload": {"method": "POST", "path": "/pictures"},
        "failing": "/broken",
        "cookie": "tracker",
        "order": {"method": "POST", "path": "/buy", "form": {"gift": "yes"}},
        "failing_order": {"method": "POST", "path": "/buy"},
        "enqueue": "tests.variants.interactions:queue_mail",
        "database": "SQLALCHEMY_DATABASE_URI",
    }
    people = people_of("/login", "/logout")
    return Subject(app=create_app, patterns={"interactions": binding}, people=people)


# A shop that shows as little as it can.


@variant
def little_bound() -> Subject:
    """Pages for all without names, a public form, and things in memory: much is not bound."""

    def create_app() -> flask.Flask:
        app = flask.Flask("shop")
        app.secret_key = "variant"
        stored: list[str] = []
        files: dict[str, bytes] = {}
        kept: dict[str, str] = {}

        @app.get("/")
        def home() -> str:
            items = "".join(f"<li>{escape(m)}</li>" for m in flask.get_flashed_messages())
            return f"<ul>{items}</ul>"

        @app.post("/")
        def note() -> Any:
            flash(request.form["text"])
            return redirect("/", 303)

        @app.get("/static-page")
        def page() -> Any:
            return kept.setdefault(request.full_path, f"<h1>Page {len(kept)}</h1>")

        @app.route("/things", methods=["GET", "POST"])
        def things() -> Any:
            if request.method == "POST":
                stored.append(request.form["text"])
            return flask.jsonify(stored)

        @app.post("/upload")
        def upload() -> Any:
            name = secrets.token_hex()
            files[name] = request.files["file"].read()
            return f'<a href="upload/{name}">the file</a> <a href="https://example.org/">more</a>'

        @app.get("/upload/<name>")
        def download(name: str) -> Any:
            return files[name] if name in files else abort(404)

        return app

    binding = {
        "messages": "/",
        "notice": {"method": "POST", "path": "/"},
        "cached": "/static-page",
        "things": "/things",
        "add": {"method": "POST", "path": "/things"},
        "upload": {"method": "POST", "path": "/upload"},
    }
    return Subject(app=create_app, patterns={"interactions": binding})


@variant
def members_only() -> Subject:
    """Every page of the shop is for those who are logged in, also the one that shows messages."""

    def change(app: flask.Flask) -> None:
        @app.before_request
        def check() -> Any:
            own = (request.endpoint or "").startswith("interactions.")
            if own and "user" not in session:
                target = request.root_path + request.path
                return redirect(url_for("viewdecorators.login", next=target))
            return None

    subject = shop(change)
    bound = subject.patterns["interactions"]
    left_out = {"failing": None, "cookie": None, "checksum": None}
    return Subject(app=subject.app, patterns={"interactions": bound.model_copy(update=left_out)})


@variant
def messages_on_a_page_of_their_own() -> Subject:
    """A page that is kept shows no messages: while some wait, it leads to the page that does.

    What went through a filter is a 203, and a name has an apostrophe in it.
    """
    names = ("O'Neill", "Ann & Bob")

    def index() -> Any:
        if "_flashes" in session:
            return redirect(url_for("interactions.contact"), 303)
        return right.index()

    def change(app: flask.Flask) -> None:
        @app.after_request
        def filtered(response: flask.Response) -> flask.Response:
            if request.endpoint == "interactions.index" and response.status_code == 200:
                response.status_code = 203
            return response

    subject = shop(change, index=index)
    people = {
        f"person_{number}": {
            "login": {
                "path": "/viewdecorators/login",
                "form": {"username": name, "password": "key"},
            },
            "logout": {"method": "POST", "path": "/viewdecorators/logout"},
            "shows": name,
        }
        for number, name in enumerate(names)
    }
    return Subject(
        app=subject.app,
        config={"VIEWDECORATORS_PASSWORDS": dict.fromkeys(names, "key")},
        patterns={"interactions": BINDING},
        people=people,
    )


@variant
def strict_names() -> Subject:
    """Names of small letters, digits and hyphens: another one is refused, each time in another way."""

    def change(app: flask.Flask) -> None:
        @app.before_request
        def check() -> Any:
            own = request.endpoint in ("interactions.add", "interactions.order")
            # The view looks at the body too, which a form that is parsed would use up.
            if not own or not request.get_data():
                return None
            refuses = refused(request.form.get("text", ""))
            if refuses is None:
                return None
            if request.endpoint == "interactions.order":
                return refuses
            flash("Letters and digits, please.")
            return redirect(url_for("interactions.index"))

    def refused(text: str) -> Any:
        plain = text.isascii() and text.isalnum()
        return None if plain or not text else ("Letters and digits, please.", 422)

    def receipt() -> Any:
        sent = right.receipt()
        return refused(sent["text"]) or sent

    return shop(change, receipt=receipt)
