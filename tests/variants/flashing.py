"""Message flashing, done right in other ways than the reference's."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import flask
from cachelib import SimpleCache
from flask.sessions import SecureCookieSession, SessionInterface
from flask_login import LoginManager, UserMixin, login_required, login_user
from itsdangerous import URLSafeSerializer
from markupsafe import escape

from conformance import Subject
from tests.proof import variant


@variant
def messages_as_json() -> Subject:
    """A single page application: messages are fetched as JSON, a long text is refused."""

    def create_app() -> flask.Flask:
        app = flask.Flask("spa")
        app.secret_key = secrets.token_bytes()

        @app.get("/")
        def shell() -> str:
            return "<!doctype html><title>app</title><script src=app.js></script>"

        @app.get("/api/messages")
        def messages() -> dict[str, Any]:
            pairs = flask.get_flashed_messages(with_categories=True)
            return {"messages": [{"kind": kind, "text": text} for kind, text in pairs]}

        @app.post("/api/login")
        def login() -> Any:
            if flask.request.get_json()["password"] != "right":
                return {"error": "wrong password"}, 401
            flask.flash("welcome", "success")
            return {"ok": True}

        @app.post("/api/notes")
        def note() -> Any:
            text = flask.request.form["text"]
            if len(text) > 200 or len(flask.session.get("_flashes", [])) > 9:
                return {"error": "too long, or too many that nobody has read"}, 422
            flask.flash(text)
            return "", 204

        return app

    def login(password: str) -> dict[str, Any]:
        return {"method": "POST", "path": "/api/login", "json": {"password": password}}

    binding = {
        "page": "/api/messages",
        "trigger": login("right"),
        "failure": login("guess"),
        "error": "wrong password",
        "notice": {"method": "POST", "path": "/api/notes"},
        "category_in": "kind",
        "elsewhere": ["/"],
    }
    return Subject(app=create_app, patterns={"flashing": binding})


class CacheSessions(SessionInterface):
    """Sessions in a cache; the cookie holds only a name for each."""

    def __init__(self) -> None:
        self.cache = SimpleCache()

    def open_session(self, app: flask.Flask, request: flask.Request) -> SecureCookieSession:
        name = request.cookies.get("sid") or secrets.token_urlsafe()
        session = SecureCookieSession(self.cache.get(name) or {})
        session.name = name  # type: ignore[attr-defined]
        return session

    def save_session(self, app: flask.Flask, session: Any, response: flask.Response) -> None:
        response.vary.add("Cookie")
        if session.modified:
            self.cache.set(session.name, dict(session))
            response.set_cookie("sid", session.name, httponly=True, samesite="Lax")


@variant
def sessions_on_the_server() -> Subject:
    """Messages of any length in sessions on the server, shown in a live region with prefixes."""
    layout = """<!doctype html><title>shop</title><main><h1>{{ heading }}</h1></main>
      <ul role="list" aria-live="polite">
      {%- for category, message in get_flashed_messages(true) %}
        <li data-kind="{{ category }}"><strong>{{ category }}:</strong> <span>{{ message }}</span>
      {%- endfor %}
      </ul>"""

    def create_app() -> flask.Flask:
        app = flask.Flask("shop")
        app.secret_key = "dev"  # Signs nothing here.
        app.session_interface = CacheSessions()

        @app.route("/", methods=["GET", "POST"])
        def home() -> Any:
            if flask.request.method == "POST":
                flask.flash(*flask.request.form.values())
                return flask.redirect("/", 303)
            return flask.render_template_string(layout, heading="home")

        @app.get("/stream")
        def stream() -> Any:
            messages = flask.get_flashed_messages()

            def lines() -> Iterator[str]:
                yield "<!doctype html><ol>"
                for message in messages:
                    yield f"<li>{escape(message)}"
                yield "</ol>"

            return lines()

        return app

    binding = {
        "page": "/",
        "notice": {"method": "POST", "path": "/"},
        "category_field": "then",
        "category_in": "text",
        "streamed": "/stream",
        "elsewhere": [{"method": "POST", "path": "/missing"}],
    }
    return Subject(app=create_app, patterns={"flashing": binding})


@variant
def flask_login() -> Subject:
    """Flask-Login behind a Bootstrap layout; an error is flashed too, and shown after a redirect."""
    layout = """<!doctype html><html><head><title>shop</title></head>
      <body class="message-page"><div class="container">
      {%- for category, message in messages() %}
        <div class="alert alert-{{ names.get(category, category) }} alert-dismissible" role="alert">
          {{ message }} <button class="close" aria-label="Close">×</button>
        </div>
      {%- endfor %}</div>
      <p></p>
      {% if not current_user.is_authenticated %}
      <form method="post"><input name="name"><input name="password" type="password"></form>
      {% else %}<p>Hello {{ current_user.id }}</p>{% endif %}</body></html>"""

    def create_app() -> flask.Flask:
        app = flask.Flask("shop")
        app.config["SECRET_KEY"] = secrets.token_hex()
        manager = LoginManager(app)
        manager.login_view = "login"
        manager.login_message_category = "warning"

        class User(UserMixin):
            def __init__(self, name: str) -> None:
                self.id = name

        manager.user_loader(User)

        @app.context_processor
        def helpers() -> dict[str, Any]:
            def messages() -> Any:
                return flask.get_flashed_messages(with_categories=True)

            return {"messages": messages, "names": {"message": "info", "error": "danger"}}

        @app.route("/login", methods=["GET", "POST"])
        def login() -> Any:
            if flask.request.method == "POST":
                if flask.request.form["name"] != "ada":
                    flask.flash("Nobody has this name", "error")
                    return flask.redirect(flask.url_for("login"))
                if flask.request.form["password"] != "right":
                    flask.flash("Wrong password", "error")
                    return flask.redirect(flask.url_for("login"))
                login_user(User(flask.request.form["name"]))
                flask.flash(f"Logged in as {flask.request.form['name']}")
                return flask.redirect(flask.url_for("private"))
            return flask.render_template_string(layout)

        @app.get("/private")
        @login_required
        def private() -> str:
            return flask.render_template_string(layout)

        @app.errorhandler(404)
        def missing(error: Exception) -> Any:
            if flask.request.accept_mimetypes.best_match(["text/html", "image/png"]) != "text/html":
                return "", 404
            return flask.render_template_string(layout), 404

        return app

    def login(password: str) -> dict[str, Any]:
        form = {"name": "ada", "password": password}
        return {"method": "POST", "path": "/login", "form": form}

    binding = {
        "page": "/login",
        "trigger": login("right"),
        "failure": login("guess"),
        "error": "Wrong password",
        "category_in": "class",
        "categories": {"message": "info", "error": "danger", "warning": "warning"},
        "elsewhere": ["/private"],
    }
    return Subject(app=create_app, patterns={"flashing": binding})


@variant
def blocks_and_the_rest() -> Subject:
    """One page with blocks for errors and for what is no error, uncached, read in the view."""

    def create_app() -> flask.Flask:
        app = flask.Flask("shop")
        app.secret_key = secrets.token_bytes()

        @app.get("/")
        def home() -> Any:
            pairs = []
            if flask.request.method == "GET":
                pairs = flask.get_flashed_messages(with_categories=True)
            page = flask.render_template_string(
                """<!doctype html><title>shop</title>
                {% for name in ("error", "errors") if pairs|selectattr(0, "eq", name)|list %}
                <section id="{{ name }}-block">
                  {% for pair in pairs|selectattr(0, "eq", name) %}<p>{{ pair.1 }}</p>{% endfor %}
                </section>{% endfor %}
                {% for pair in pairs|rejectattr(0, "in", ("error", "errors")) %}
                <p class="note">{{ pair.1 }}</p>
                {% endfor %}""",
                pairs=pairs,
            )
            response = flask.make_response(page)
            response.headers["Cache-Control"] = "no-store"
            return response

        return app

    binding = {
        "page": "/",
        "filtered": "/",
        "blocks": {"error": "error-block", "errors": "errors-block", "message": "note"},
    }
    return Subject(app=create_app, patterns={"flashing": binding})


@variant
def toasts() -> Subject:
    """Messages as data in the page, which a script makes toasts of with `textContent`."""
    page = """<!doctype html><title>shop</title><body>
      {% set messages = get_flashed_messages() %}
      <script>
        for (const text of {{ messages|tojson }}) {
          const toast = document.createElement("p");
          toast.textContent = text;
          document.body.append(toast);
        }
      </script>"""

    def create_app() -> flask.Flask:
        app = flask.Flask("shop")
        app.secret_key = secrets.token_bytes()
        app.add_url_rule("/", "home", lambda: flask.render_template_string(page))
        return app

    return Subject(app=create_app, patterns={"flashing": {"page": "/"}})


@variant
def messages_of_its_own() -> Subject:
    """Messages in a signed cookie of their own, without `flash` and without a SECRET_KEY."""
    page = """<!doctype html><title>garden</title><body>
      {% for item in notices() %}<p class="notice"><em data-level="{{ item[0] }}">{{ item[1] }}</em>
      {% endfor %}{% if problem %}<p class="problem">{{ problem }}{% endif %}
      <form method="post"><input name="plant"></form>"""

    def create_app() -> flask.Flask:
        app = flask.Flask("garden")
        codec = URLSafeSerializer(secrets.token_bytes())

        @app.before_request
        def load() -> None:
            cookie = flask.request.cookies.get("notices")
            flask.g.notices = codec.loads(cookie) if cookie else []
            flask.g.waited = bool(cookie)

        @app.after_request
        def save(response: flask.Response) -> flask.Response:
            if flask.g.notices:
                response.set_cookie("notices", str(codec.dumps(flask.g.notices)), httponly=True)
            elif flask.g.waited:
                response.delete_cookie("notices")
            response.vary.add("Cookie")
            return response

        @app.template_global("notices")
        def show() -> Any:
            shown, flask.g.notices = flask.g.notices, []
            return shown

        @app.route("/garden", methods=["GET", "POST"])
        def garden() -> Any:
            if flask.request.method == "GET":
                return flask.render_template_string(page)
            plant = flask.request.form["plant"].strip()
            if not plant:
                return flask.render_template_string(page, problem="Name a plant."), 422
            flask.g.notices.append(["success", f"Planted {plant}"])
            return flask.redirect("/garden", 303)

        @app.put("/whispers")
        def whisper() -> Any:
            sent = flask.request.get_json()
            if len(sent["words"]) > 500 or len(sent.get("level", "")) > 40:
                return {"error": "too long"}, 422
            if len(flask.g.notices) > 5:
                return {"error": "too many that nobody has read"}, 422
            flask.g.notices.append([sent.get("level", "message"), sent["words"]])
            return "", 204

        return app

    def plant(name: str) -> dict[str, Any]:
        return {"method": "POST", "path": "/garden", "form": {"plant": name}}

    binding = {
        "page": "/garden",
        "trigger": plant("rose"),
        "success": "Planted rose",
        "failure": plant("  "),
        "error": "Name a plant.",
        "notice": {"method": "PUT", "path": "/whispers", "json": {"level": "message"}},
        "text_field": "words",
        "category_field": "level",
        "category_in": "data-level",
        "elsewhere": [{"method": "DELETE", "path": "/garden"}],
    }
    return Subject(app=create_app, patterns={"flashing": binding})


@variant
def few_categories() -> Subject:
    """Three categories and no others: a form with another one is refused, with the form again."""
    known = {"message": "Hinweis", "error": "Fehler", "warning": "Achtung"}
    page = """<!doctype html><title>Fundbüro</title>
      {% for kind, text in get_flashed_messages(with_categories=true) %}
      <p><b>{{ known[kind] or kind }}</b> <span>{{ text }}</span></p>
      {% endfor %}<p>{{ problem }}</p>"""

    def create_app() -> flask.Flask:
        app = flask.Flask("lost-property")
        app.secret_key = secrets.token_bytes()

        def show(problem: str = "") -> str:
            return flask.render_template_string(page, known=known, problem=problem)

        @app.get("/")
        def index() -> str:
            return show()

        @app.post("/finds")
        def found() -> Any:
            kind = flask.request.form.get("kind", "message")
            if kind not in known or len(flask.request.form["thing"]) > 500:
                return show("Das geht nicht."), 400
            if len(flask.session.get("_flashes", [])) > 5:
                return flask.redirect("/")
            flask.flash(flask.request.form["thing"], kind)
            return flask.redirect("/", 303)

        @app.post("/login")
        def login() -> Any:
            if flask.request.form["word"] != "schlüssel":
                return show("Falsches Kennwort."), 422
            flask.flash("Schön, dass du da bist.")
            return flask.redirect("/", 303)

        return app

    def login(word: str) -> dict[str, Any]:
        return {"method": "POST", "path": "/login", "form": {"word": word}}

    binding = {
        "page": "/",
        "trigger": login("schlüssel"),
        "success": "Schön, dass du da bist.",
        "failure": login("falsch"),
        "error": "Falsches Kennwort.",
        "notice": {"method": "POST", "path": "/finds"},
        "text_field": "thing",
        "category_field": "kind",
        "category_in": "text",
        "categories": known,
    }
    return Subject(app=create_app, patterns={"flashing": binding})


@variant
def a_strict_form() -> Subject:
    """A form takes letters and digits alone: else it is shown again, or a redirect leads to it.

    The page gives each category that it knows a colour, and all others one.
    """
    colours = {"error": "red", "warning": "amber", "success": "green"}
    page = """<!doctype html><title>Board</title>
      {% for category, text in get_flashed_messages(with_categories=true) %}
      <p class="{{ colours.get(category, "blue") }}">{{ text }}</p>
      {% endfor %}
      <form method="post"><input name="text"><b>{{ problem }}</b></form>"""

    def create_app() -> flask.Flask:
        app = flask.Flask("board")
        app.secret_key = secrets.token_bytes()

        def show(problem: str = "") -> str:
            return flask.render_template_string(page, colours=colours, problem=problem)

        @app.route("/", methods=["GET", "POST"])
        def board() -> Any:
            if flask.request.method == "GET":
                return show()
            text = flask.request.form["text"]
            if len(text) > 100:
                return flask.redirect("/?problem=long")
            if len(flask.session.get("_flashes", [])) > 5:
                return show("Read the others first.")
            if not text.isascii():
                return show("Letters and digits, please.")
            if not text.isalnum():
                flask.flash("Letters and digits, please.", "error")
                return flask.redirect("/")
            flask.flash(text, flask.request.form.get("kind", "message")[:20])
            return flask.redirect("/")

        return app

    binding = {
        "page": "/",
        "notice": {"method": "POST", "path": "/"},
        "category_field": "kind",
        "category_in": "class",
    }
    return Subject(app=create_app, patterns={"flashing": binding})
