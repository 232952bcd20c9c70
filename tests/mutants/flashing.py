"""Message flashing, each with one believable mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import flask
import jinja2
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionInterface

import reference.flashing
from conformance import Subject
from conformance.subject.config import load_config
from tests.proof import mutant

ROOT = Path(reference.flashing.__file__).parents[1]
TEMPLATES = ROOT / "reference" / "templates" / "flashing"
BINDING = load_config(ROOT / "pyproject.toml")["patterns"]["flashing"]

#: What the reference's layout says of messages, between `with` and `endwith`.
READ = "get_flashed_messages(with_categories=true)"


def changed(change: Callable[[flask.Flask], object], **binding: object) -> Subject:
    """The reference in an app of its own, after a change of the app and of the binding."""

    def create_app() -> flask.Flask:
        app = flask.Flask("reference")
        app.secret_key = "mutant"
        reference.flashing.init_app(app)
        change(app)
        return app

    return Subject(app=create_app, patterns={"flashing": {**BINDING, **binding}})


def template(name: str, *changes: tuple[str, str], **binding: object) -> Subject:
    """The reference with changes in one template; the index has the layout's list as its own."""
    text = (TEMPLATES / name).read_text()
    if name == "index.html":
        layout = (TEMPLATES / "layout.html").read_text()
        block = layout[layout.index("{%- block messages") : layout.index("{% block body")]
        text += block
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    loader = jinja2.DictLoader({f"flashing/{name}": text})

    def change(app: flask.Flask) -> None:
        app.jinja_loader = jinja2.ChoiceLoader([loader, app.jinja_loader])  # type: ignore[list-item]

    return changed(change, **binding)


def view(endpoint: str, function: Callable[[], Any], **binding: object) -> Subject:
    """The reference with another view."""
    return changed(
        lambda app: app.view_functions.update({f"flashing.{endpoint}": function}), **binding
    )


@mutant("next-only", says="it shows ['", also=["success-and-error"])
def peeks() -> Subject:
    """The page reads the messages out of the session, where they stay."""
    return template("index.html", (READ, 'session.get("_flashes", [])'))


@mutant("next-only", says="it shows none", also=["shown-after-redirect", "success-and-error"])
def flashes_only_what_is_read_at_once() -> Subject:
    """A login clears the session after it has flashed."""

    def login() -> Any:
        answer = reference.flashing.login()
        if isinstance(answer, flask.wrappers.Response):
            flask.session.clear()
        return answer

    return changed(lambda app: app.view_functions.update({"flashing.login": login}))


@mutant("survives-redirects", says="after GET /flashing/status to show")
def counts_the_messages() -> Subject:
    """An answer for scripts counts the messages that wait, and so uses them up."""
    return view("status", lambda: {"unread": len(flask.get_flashed_messages())})


@mutant("order-and-all", says="it shows ['kq")
def newest_first() -> Subject:
    """The page shows the messages in the reverse order."""
    return template("index.html", ("in messages %}", "in messages|reverse %}"))


@mutant("order-and-all", says="twice=True")
def merged() -> Subject:
    """The page shows equal messages once."""
    return template("index.html", ("in messages %}", "in messages|unique %}"))


@mutant("success-and-error", says="the page after a failure to show none of its messages")
def error_flashed_too_late() -> Subject:
    """The error is flashed when the page that should show it is already rendered."""

    def login() -> Any:
        answer = reference.flashing.login()
        if isinstance(answer, str) and flask.request.method == "POST":
            flask.flash("No such user, or another password.", "error")
        return answer

    return view("login", login)


@mutant("success-and-error", says="a redirect after the successful POST")
def renders_after_success() -> Subject:
    """A success renders the next page itself: a reload logs in once more."""

    def login() -> Any:
        answer = reference.flashing.login()
        return answer if isinstance(answer, str) else reference.flashing.index()

    return view("login", login)


@mutant("success-and-error", says="to show 'No such user")
def error_forgotten() -> Subject:
    """The page does not get the error."""
    return template("login.html", ("{{ error }}", ""))


@mutant("empty-no-markup", says="an empty <ul class='flashes'>")
def list_without_messages() -> Subject:
    """The list stands there whether or not there are messages."""
    return template("index.html", ("{%- if messages %}", "{%- if true %}"))


@mutant("empty-no-markup", says="an empty <p class='message'>")
def box_without_messages() -> Subject:
    """Each message has a box with a button to close it; without messages there is one as well."""
    return template(
        "index.html",
        ("<ul", "<div"),
        ("</ul>", "</div>"),
        ("<li", "<p"),
        ("</li>", "<button>Close</button></p>"),
        (READ, f"{READ} or [('message', '')]"),
    )


@mutant("default-category", says="`flash` was called with the category 'error'")
def one_class_for_all() -> Subject:
    """The page gives each message the same class."""
    return template("index.html", ("{{ category }}", "message"))


@mutant("filter", says="messages of the category 'warning'")
def another_blocks_filter() -> Subject:
    """A block's filter was copied and names the other's category too."""
    return template(
        "blocks.html",
        ("[category])", '[category] + (["warning"] if category == "error" else []))'),
    )


@mutant("filter", says="the page to show each of")
def shown_twice() -> Subject:
    """The page shows warnings at its top as well."""
    return template(
        "blocks.html",
        (
            "{% block messages %}",
            '{% block messages %}{{ get_flashed_messages(category_filter=["warning"])|join(" ") }}',
        ),
    )


@mutant("filter-is-list", says="the block's filter finds 'err' in 'error'")
def filter_is_a_string() -> Subject:
    """The filter is a string, which parts of it are found in."""
    return template("blocks.html", ("[category])", "category)"))


class AddressSessions(SessionInterface):
    """Sessions on the server, one for each address: everyone behind it shares one."""

    def __init__(self) -> None:
        self.sessions: dict[str, dict[str, Any]] = {}

    def open_session(self, app: flask.Flask, request: flask.Request) -> SecureCookieSession:
        return SecureCookieSession(self.sessions.get(request.remote_addr or "", {}))

    def save_session(self, app: flask.Flask, session: Any, response: flask.Response) -> None:
        response.vary.add("Cookie")
        self.sessions[flask.request.remote_addr or ""] = dict(session)


@mutant("per-client", says="all clients from one address share the messages")
def session_for_an_address() -> Subject:
    """The session belongs to an address, not to a client."""
    return changed(lambda app: setattr(app, "session_interface", AddressSessions()))


class SharedAttribute(flask.sessions.SecureCookieSessionInterface):
    """Cookie sessions that keep the open one on the interface."""

    def open_session(self, app: flask.Flask, request: flask.Request) -> SecureCookieSession | None:
        self.session = super().open_session(app, request)
        return self.session

    def save_session(self, app: flask.Flask, session: Any, response: flask.Response) -> None:
        super().save_session(app, self.session or session, response)


@mutant("per-client", says="concurrent requests to show each client only")
def session_on_the_interface() -> Subject:
    """The open session is an attribute of what all threads share."""
    return changed(lambda app: setattr(app, "session_interface", SharedAttribute()))


@mutant("not-consumed-by-assets", says="a 404, renders the messages")
def error_page_shows_messages() -> Subject:
    """The page for what is missing shows the layout's messages, to a picture's place too."""

    def change(app: flask.Flask) -> None:
        @app.errorhandler(404)
        def missing(error: Exception) -> tuple[str, int]:
            return flask.render_template("flashing/layout.html"), 404

    return changed(change)


@mutant("shown-after-redirect", says="where the trigger redirects")
def lands_outside_the_layout() -> Subject:
    """A success leads to a page without the layout, and the message turns up later."""

    def login() -> Any:
        answer = reference.flashing.login()
        return answer if isinstance(answer, str) else flask.redirect("/bare")

    def change(app: flask.Flask) -> None:
        app.view_functions["flashing.login"] = login
        app.add_url_rule("/bare", "bare", lambda: "<!doctype html><title>Welcome</title>")

    return changed(change)


@mutant("not-from-cache", says="requested with If-None-Match")
def tag_of_the_version() -> Subject:
    """The page's ETag is the version of the app, whatever the page says."""

    def index() -> Any:
        response = flask.make_response(reference.flashing.index())
        response.set_etag("v1")
        return response.make_conditional(flask.request)

    return view("index", index)


@mutant("not-from-cache", says="Cache-Control: private, max-age=60")
def fresh_for_a_minute() -> Subject:
    """The page may be kept for a minute by the browser."""

    def index() -> Any:
        response = flask.make_response(reference.flashing.index())
        response.headers["Cache-Control"] = "private, max-age=60"
        return response

    return view("index", index)


@mutant("order-and-all", says="it shows [", also=["escape"])
def joined_and_split() -> Subject:
    """The page joins the messages and splits them again at a bar, which a text may have in it."""
    return template(
        "index.html",
        (
            "{{ message }}",
            '{% for part in message.split("|") %}<b>{{ part }}</b> - {% endfor %}',
        ),
    )


@mutant("cookie-size", says="with 1 pending message of 8000 characters")
def flashes_any_length() -> Subject:
    """What was typed is flashed at any length."""

    def add_note() -> Any:
        flask.flash(flask.request.form["text"], flask.request.form.get("category", "message"))
        return flask.redirect("/flashing/")

    return view("add_note", add_note)


@mutant("cookie-size", says="the rest of the session to be kept")
def makes_room() -> Subject:
    """A long text gets its room by clearing the session."""

    def add_note() -> Any:
        if len(flask.request.form["text"]) > 1000:
            flask.session.clear()
        return reference.flashing.add_note()

    return view("add_note", add_note)


@mutant("cookie-size", says="a Set-Cookie header of at most 4093 bytes")
def measures_the_messages_alone() -> Subject:
    """A long text is cut until the messages fit, as if nothing else were in the session."""

    def add_note() -> Any:
        text, waiting = flask.request.form["text"], flask.session.get("_flashes", [])
        category = flask.request.form.get("category", "message")
        signer = SecureCookieSessionInterface().get_signing_serializer(flask.current_app)
        assert signer is not None
        while len(signer.dumps({"_flashes": [*waiting, (category, text)]})) > 4000:
            if not text:
                return flask.redirect("/flashing/")
            text = text[: len(text) // 2]
        flask.flash(text, category)
        return flask.redirect("/flashing/")

    return view("add_note", add_note)


@mutant("cookie-size", says="the page as it is without one")
def leaves_out_what_is_too_long() -> Subject:
    """A text that is too long for the cookie is left out, and nobody is told."""

    def add_note() -> Any:
        if len(flask.request.form["text"]) <= 1000:
            return reference.flashing.add_note()
        flask.current_app.logger.warning("a message of that length cannot be flashed")
        return flask.redirect("/flashing/")

    return view("add_note", add_note)


@mutant("cookie-size", says="pending messages of")
def any_number_of_short_messages() -> Subject:
    """Each text is cut, and nobody counts how many wait."""

    def add_note() -> Any:
        flask.flash(flask.request.form["text"][:200], flask.request.form.get("category", "message"))
        return flask.redirect("/flashing/")

    return view("add_note", add_note)


@mutant("cookie-size", says="and a category of 6000")
def a_category_of_any_length() -> Subject:
    """The text is cut, and its category is not."""

    def add_note() -> Any:
        text, category = flask.request.form["text"], flask.request.form.get("category", "message")
        if len(flask.session.get("_flashes", [])) < 5:
            flask.flash(text[:200], category)
        return flask.redirect("/flashing/")

    return view("add_note", add_note)


@mutant("vary", says="no public in the Cache-Control of", also=["not-from-cache"])
def cached_by_all() -> Subject:
    """A hook lets caches keep every page."""

    def change(app: flask.Flask) -> None:
        @app.after_request
        def cache(response: flask.Response) -> flask.Response:
            response.cache_control.public = True
            response.cache_control.max_age = 60
            return response

    return changed(change)


@mutant("vary", says="Vary: Accept-Encoding")
def vary_overwritten() -> Subject:
    """A middleware that compresses sets Vary, and drops what was in it."""

    def change(app: flask.Flask) -> None:
        wsgi_app = app.wsgi_app

        def compress(environ: Any, start_response: Any) -> Iterable[bytes]:
            def start(status: str, headers: list[tuple[str, str]], *args: Any) -> Any:
                kept = [pair for pair in headers if pair[0].lower() != "vary"]
                return start_response(status, [*kept, ("Vary", "Accept-Encoding")], *args)

            return wsgi_app(environ, start)

        setattr(app, "wsgi_app", compress)  # noqa: B010

    return changed(change)


@mutant("streaming-safe", says="no Set-Cookie header to take it out", also=["vary"])
def read_while_streaming() -> Subject:
    """Only the template reads the messages, when the headers are already sent."""
    return view("report", lambda: flask.stream_template("flashing/report.html", rows=range(3)))


@mutant("escape", says="does not escape the message's text", also=["browser"])
def text_is_safe() -> Subject:
    """The text is marked as safe, so that messages may contain links."""
    return template("index.html", ("{{ message }}", "{{ message|safe }}"))


@mutant("escape", says="the text of messages of the category 'warning'")
def warnings_are_safe() -> Subject:
    """Warnings may contain links, and the form takes the categories of the page alone."""

    def add_note() -> Any:
        if flask.request.form.get("category", "message") not in ("message", "error", "warning"):
            return flask.render_template("flashing/index.html")
        return reference.flashing.add_note()

    text = "{{ message|safe if category == 'warning' else message }}"
    known = {each: each for each in ("message", "error", "warning")}
    subject = template("index.html", ("{{ message }}", text), categories=known)

    def create_app() -> flask.Flask:
        app: flask.Flask = subject.app()
        app.view_functions["flashing.add_note"] = add_note
        return app

    return Subject(app=create_app, patterns=subject.patterns)


@mutant("escape", says="does not escape the message's category")
def category_without_quotes() -> Subject:
    """The category's attribute has no quotes."""
    return template("index.html", ('"{{ category }}"', "{{ category }}"))


@mutant("escape", says="unchanged", also=["order-and-all"])
def escaped_twice() -> Subject:
    """The text is escaped by hand and once more by the template."""
    return template("index.html", ("{{ message }}", "{{ message|replace('&', '&amp;') }}"))


@mutant("browser", says="has the messages escaped")
def written_by_a_script() -> Subject:
    """A script writes the messages with `innerHTML`."""
    script = """
      <div id="toasts"></div>
      <script type="application/json" id="messages">{{ messages|tojson }}</script>
      <script>
        for (const [category, text] of JSON.parse(document.getElementById("messages").textContent))
          document.getElementById("toasts").innerHTML += `<p>${text}</p>`;
      </script>
    """
    return template(
        "index.html",
        ("{%- if messages %}", script + "{%- if false %}"),
        category_in=None,
    )


@mutant("secret", says="which is published")
def key_of_the_page() -> Subject:
    """The key is the one that the docs print."""
    return changed(lambda app: setattr(app, "secret_key", b'_5#y2L"F4Q8z\n\xec]/'))


@mutant("secret", says="a SECRET_KEY")
def no_key() -> Subject:
    """There is no key."""
    only_page = {**dict.fromkeys(BINDING), "page": BINDING["page"]}
    return changed(lambda app: setattr(app, "secret_key", None), **only_page)
