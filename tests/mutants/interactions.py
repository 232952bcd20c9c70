"""The reference's shop, each time with one believable mistake."""

from __future__ import annotations

import os
import queue
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import flask
from cachelib import SimpleCache
from flask import abort, current_app, flash, g, redirect, request, session, url_for
from markupsafe import escape
from werkzeug.utils import secure_filename

import reference
import reference.interactions as right
from conformance import Subject
from conformance.subject.config import load_config
from reference import viewdecorators
from reference.methodoverrides import MethodOverride
from reference.requestchecksum import generate_checksum
from tests.proof import mutant, new_folder

TABLE = load_config(Path(reference.__file__).parents[1] / "pyproject.toml")
BINDING = TABLE["patterns"]["interactions"]


def shop(
    change: Callable[[flask.Flask], object] = lambda app: None,
    middleware: Any = MethodOverride,
    **views: Callable[..., Any],
) -> Subject:
    """The reference's shop in an app of its own, with other views, after a change of the app."""

    def create_app(config: dict[str, Any]) -> flask.Flask:
        app = flask.Flask("reference")
        app.config.update(
            SECRET_KEY="mutant",
            INTERACTIONS_PATIENCE=0.3,
            VIEWDECORATORS_PASSWORDS={"demo": "demo", "ada": "ada"},
        )
        app.config.update(config)
        viewdecorators.init_app(app)
        right.init_app(app)
        for name, view in views.items():
            app.view_functions[f"interactions.{name}"] = view
        change(app)
        app.wsgi_app = middleware(app.wsgi_app)  # type: ignore[method-assign]
        return app

    return Subject(app=create_app, patterns={"interactions": BINDING}, people=TABLE["people"])


def bare(view: Any) -> Any:
    """A view without its decorators."""
    while hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    return view


def replace(app: flask.Flask, hook: Callable[..., Any], other: Callable[..., Any]) -> None:
    """Put another function in the place of one of the blueprint's hooks before requests."""
    hooks: Any = app.before_request_funcs["interactions"]
    hooks[hooks.index(hook)] = other


@mutant("cached-flash", says="flashed for client A", also=["machine"])
def page_kept_with_messages() -> Subject:
    """The page is kept as it is, with the message of whoever came first."""
    return shop(index=viewdecorators.cached(timeout=60)(bare(right.index)))


@mutant("cached-flash", says="flashed for client A", also=["cached-user"])
def page_kept_with_messages_for_any_query() -> Subject:
    """The same, and the query makes no difference: what is asked first is kept for all."""
    view = bare(right.index)

    def index() -> Any:
        cache = current_app.extensions["viewdecorators"]
        response = cache.get("index")
        if response is None:
            response = current_app.make_response(view())
            cache.set("index", response, timeout=300)
        return response

    return shop(index=index)


@mutant("cached-flash", says="flashed for client A", also=["machine"])
def members_pages_kept_with_messages() -> Subject:
    """What a member is shown is kept for them, also the message that waited; a visitor's is not."""
    kept = viewdecorators.cached(timeout=60)(bare(right.index))

    def index() -> Any:
        return kept() if g.user else bare(right.index)()

    return shop(index=index)


def kept_by_url(view: Any, left_out: Callable[[], bool], often: int = 1) -> Any:
    """A cache whose key is the URL alone, for pages that are asked for often, but for some."""
    visits = Counter[str]()

    def decorated(*args: Any, **kwargs: Any) -> Any:
        cache = current_app.extensions["viewdecorators"]
        if left_out():
            return view(*args, **kwargs)
        response = cache.get(request.url)
        if response is None:
            response = current_app.make_response(view(*args, **kwargs))
            visits[request.url] += 1
            if visits[request.url] >= often:
                cache.set(request.url, response, timeout=60)
        return response

    return decorated


def waits() -> bool:
    """Whether a message waits."""
    return "_flashes" in session


@mutant("cached-flash", says="flashed for client A")
def popular_pages_kept() -> Subject:
    """Only a page that was asked for five times is kept, with what it showed the fifth time."""
    return shop(index=kept_by_url(bare(right.index), lambda: g.user is not None, often=5))


@mutant("cached-user", says="the page shows 'demo'", also=["machine"])
def page_kept_for_all() -> Subject:
    """The cache's key is the URL, and the layout greets who is logged in."""
    return shop(index=kept_by_url(bare(right.index), waits))


@mutant("cached-user", says="B", also=["machine"])
def page_kept_for_members() -> Subject:
    """Visitors and members have a page each: every member gets that of the first one."""
    return shop(index=kept_by_url(bare(right.index), lambda: waits() or not g.user))


@mutant("cached-user", says="on the cached page for client B")
def popular_page_kept_for_members() -> Subject:
    """The same, once the page was asked for five times."""
    return shop(index=kept_by_url(bare(right.index), lambda: waits() or not g.user, often=5))


@mutant("override-cached", says="the cache ignores the method")
def every_method_but_post() -> Subject:
    """A cache for the whole site that leaves out POST alone."""
    kept = SimpleCache()

    def index() -> Any:
        body = bare(right.index)()
        if "flashes" not in body:
            kept.set(f"{request.url} {g.user}", body, timeout=60)
        return body

    def change(app: flask.Flask) -> None:
        @app.before_request
        def look() -> Any:
            if request.method == "POST" or "_flashes" in session:
                return None
            return kept.get(f"{request.url} {session.get('user')}")

    return shop(change, index=index)


@mutant("override-cached", says="expected  the page for a GET after")
def error_kept() -> Subject:
    """What an overridden method is answered is kept for the next GET."""

    def change(app: flask.Flask) -> None:
        errors: dict[str, int] = {}

        def look() -> None:
            if request.method == "GET" and request.url in errors:
                abort(errors[request.url])

        def keep(response: flask.Response) -> flask.Response:
            if response.status_code == 405:
                errors[request.url] = response.status_code
            return response

        app.before_request(look)
        app.after_request(keep)

    return shop(change)


@mutant("override-login", says="to be refused without a login", also=["machine"])
def guarded_before_the_override() -> Subject:
    """The login is checked for unsafe methods, by the method that was sent."""

    def change(app: flask.Flask) -> None:
        def guard() -> Any:
            sent = request.environ.get("methodoverride.original", request.method)
            if sent == "DELETE" and g.user is None:
                return redirect(url_for("viewdecorators.login"))
            return None

        app.before_request_funcs["interactions"].append(guard)

    return shop(change, remove=bare(right.remove))


@mutant("override-effect", says="a POST without the header gets the same", also=["machine"])
def overridden_after_routing() -> Subject:
    """A POST view asks whether one is sure, and the override comes when the view is chosen."""

    def change(app: flask.Flask) -> None:
        def ask(name: str) -> str:
            return f"Do you want to remove {name}?"

        view = viewdecorators.login_required(ask)
        app.add_url_rule("/interactions/things/<name>", "ask", view, methods=["POST"])

    def middleware(wsgi_app: Any) -> Any:
        override = MethodOverride(wsgi_app)

        def late(environ: dict[str, Any], start_response: Any) -> Any:
            if environ["PATH_INFO"].startswith("/interactions/things/"):
                environ.pop("HTTP_X_HTTP_METHOD_OVERRIDE", None)
            return override(environ, start_response)

        return late

    def load_user() -> None:
        g.user = session.get("user")

    def after(app: flask.Flask) -> None:
        change(app)
        app.before_request(load_user)

    return shop(after, middleware)


@mutant("override-effect", says="nothing else")
def effect_again() -> Subject:
    """A thing that is gone already takes the next one with it."""

    def remove(name: str) -> Any:
        with right.get_db() as db:
            db.execute(
                "DELETE FROM things WHERE name = coalesce((SELECT name FROM things WHERE name = ?),"
                " (SELECT max(name) FROM things))",
                (name,),
            )
        return "", 204

    return shop(remove=viewdecorators.login_required(remove))


@mutant("override-effect", says="'%25'")
def path_decoded_again() -> Subject:
    """The override decodes the path of what it overrides, which the server has done already."""

    def middleware(wsgi_app: Any) -> Any:
        override = MethodOverride(wsgi_app)

        def decoded(environ: dict[str, Any], start_response: Any) -> Any:
            if "HTTP_X_HTTP_METHOD_OVERRIDE" in environ:
                environ["PATH_INFO"] = unquote(environ["PATH_INFO"], "latin1")
            return override(environ, start_response)

        return decoded

    return shop(middleware=middleware)


@mutant("override-effect", says="a second thing named")
def effect_remembered() -> Subject:
    """An overridden request that was sent before is not done twice, whatever came between."""
    done: set[tuple[object, str]] = set()

    def remove(name: str) -> Any:
        overridden = "HTTP_X_HTTP_METHOD_OVERRIDE" in request.environ
        if overridden and (g.user, name) in done:
            return "", 204
        done.add((g.user, name))
        return bare(right.remove)(name)

    return shop(remove=viewdecorators.login_required(remove))


@mutant("checksum-form", says="ClientDisconnected", also=["checksum-override"])
def form_parsed_first() -> Subject:
    """A hook looks for a token in the form before the checksum begins."""

    def receipt() -> Any:
        text = request.form.get("text", "")
        request.__dict__.pop("stream", None)
        return {"text": text, "checksum": generate_checksum(request).hexdigest()}

    return shop(receipt=receipt)


@mutant("checksum-override", says="the checksum of an empty body")
def override_empties_a_put() -> Subject:
    """The override drops the body of a PUT, too."""

    class Override(MethodOverride):
        bodyless = MethodOverride.bodyless | {"PUT"}

    return shop(middleware=Override)


def report(rows: Callable[[], Iterator[str]], **values: Any) -> Any:
    """The reference's streamed page with other rows."""
    flask.get_flashed_messages()
    return flask.stream_template("interactions/report.html", names=rows(), **values)


def own_rows() -> Iterator[str]:
    db = right.connect()
    try:
        yield from right.names(db)
    finally:
        db.close()


@mutant("stream-session", says="to be shown once", also=["machine"])
def messages_read_by_the_template() -> Subject:
    """Only the streamed template takes the messages out of the session."""

    def view() -> Any:
        return flask.stream_template("interactions/report.html", names=own_rows())

    return shop(report=view)


@mutant("stream-session", says="expected  the stream to show")
def user_of_the_module() -> Subject:
    """The generator reads who is logged in from a variable that all requests share."""
    current: dict[str, Any] = {}

    def view() -> Any:
        messages = flask.get_flashed_messages()
        current["user"] = g.user

        def generate() -> Iterator[str]:
            yield f"<p>{current['user'] or 'nobody'}</p>"
            yield from (f"<p>{escape(text)}</p>" for text in messages)

        return generate()

    return shop(report=view)


@mutant("upload-mounted", says="leads to")
def path_by_hand() -> Subject:
    """The upload's answer has a path that is put together by hand."""

    def upload() -> Any:
        response = bare(right.upload)()
        name = response.location.rpartition("/")[2]
        return flask.redirect(f"/interactions/pictures/{name}", 303)

    return shop(upload=viewdecorators.login_required(upload))


@mutant("upload-folder", says="in the other app's folder")
def folder_of_the_module() -> Subject:
    """The folder is read once, from the first app's settings, and kept by the module."""
    kept: list[Path] = []

    def upload() -> Any:
        kept.append(right.upload_folder())
        name = f"{os.urandom(8).hex()}.txt"
        right.store(request.files["file"], kept[0] / name)
        return redirect(url_for("interactions.picture", name=name), 303)

    return shop(upload=viewdecorators.login_required(upload))


@mutant("upload-folder", says="no file is there")
def folder_of_the_default() -> Subject:
    """The folder is that of the default, whatever the settings say."""
    folder = str(new_folder())

    def change(app: flask.Flask) -> None:
        app.config.setdefault("INTERACTIONS_UPLOADS", folder)

    def upload() -> Any:
        name = f"{os.urandom(8).hex()}.txt"
        right.store(request.files["file"], Path(folder, name))
        return redirect(url_for("interactions.stored", name=name), 303)

    def stored(name: str) -> Any:
        return flask.send_from_directory(folder, name)

    def with_files(app: flask.Flask) -> None:
        change(app)
        app.add_url_rule("/interactions/stored/<name>", "interactions.stored", stored)

    return shop(with_files, upload=viewdecorators.login_required(upload))


@mutant("upload-names", says="stored under the name that the clients sent")
def stored_under_the_clients_name() -> Subject:
    """A picture is stored under the name that it came with."""

    def upload() -> Any:
        file = request.files.get("file")
        if file is None or not file.filename:
            abort(400, "a file is missing")
        name = secure_filename(file.filename)
        right.store(file, right.upload_folder() / name)
        return redirect(url_for("interactions.picture", name=name), 303)

    return shop(upload=viewdecorators.login_required(upload))


@mutant("login-mounted", says="names the way back without the prefix")
def back_without_the_prefix() -> Subject:
    """The login leads back to `request.path`."""

    def account() -> Any:
        if g.user is None:
            return redirect(url_for("viewdecorators.login", next=request.path))
        return bare(right.account)()

    return shop(account=account)


@mutant("deferred-error", says="on the error page, once")
def cookie_by_the_view() -> Subject:
    """The cookie is set by a decorator around the views, which an abort passes by."""

    def change(app: flask.Flask) -> None:
        replace(app, right.remember_visitor, lambda: None)
        for name, view in app.view_functions.items():
            if name.startswith("interactions."):
                app.view_functions[name] = remembering(view)

    def remembering(view: Any) -> Any:
        def decorated(*args: Any, **kwargs: Any) -> Any:
            response = current_app.make_response(view(*args, **kwargs))
            if "visitor" not in request.cookies:
                response.set_cookie("visitor", os.urandom(8).hex())
            return response

        return decorated

    return shop(change)


@mutant("deferred-error", says="from the cached page for a client that has it")
def kept_with_its_cookie() -> Subject:
    """The page is kept when the cookie is on it."""

    def change(app: flask.Flask) -> None:
        cache = SimpleCache()

        def look() -> Any:
            index = request.endpoint == "interactions.index" and "_flashes" not in session
            return cache.get(f"{request.url} {g.user}") if index else None

        def keep(response: flask.Response) -> flask.Response:
            index = request.endpoint == "interactions.index"
            # A page with messages on it is not kept.
            if index and "flashes" not in response.get_data(as_text=True):
                cache.set(f"{request.url} {g.user}", response, timeout=60)
            return response

        # Before the visitor's cookie is looked for.
        app.before_request_funcs["interactions"].insert(1, look)
        app.after_request_funcs.setdefault("interactions", []).append(keep)

    return shop(change, index=bare(right.index))


def order(commit_first: bool, commit: bool = True) -> Any:
    name = request.form.get("text", "")
    right.insert(name)
    if commit_first:
        right.get_db().commit()
    if request.form.get("quantity", type=int) is None:
        abort(400)
    right.enqueue(name)
    right.get_db().commit()
    flash("Your order is on its way.")
    return redirect(url_for("interactions.index"), 303)


@mutant("task-rollback", says="after the order failed")
def committed_too_early() -> Subject:
    """The thing is committed before the order has been looked at."""
    return shop(order=viewdecorators.login_required(lambda: order(commit_first=True)))


@mutant("task-rollback", says="1 queued", also=["task-committed"])
def queued_at_once() -> Subject:
    """The task is queued as soon as the thing is stored, whatever comes then."""

    def view() -> Any:
        name = request.form.get("text", "")
        right.insert(name)
        right.enqueue(name)
        if request.form.get("quantity", type=int) is None:
            abort(400)
        right.get_db().commit()
        return redirect(url_for("interactions.index"), 303)

    return shop(order=viewdecorators.login_required(view))


@mutant("task-committed", says="does not have it yet")
def queued_before_the_commit() -> Subject:
    """The task is queued right before the commit."""
    return shop(order=viewdecorators.login_required(lambda: order(commit_first=False)))


@mutant("machine", says="replaces or deletes the cookie")
def refused_and_forgotten() -> Subject:
    """The login check throws the session of those away whom it refuses."""

    def account() -> Any:
        if g.user is None:
            session.clear()
        return right.account()

    return shop(account=account)


@mutant(
    "machine",
    says="only what was added and not removed to be stored",
    also=["override-effect"],
)
def removes_alike() -> Subject:
    """A thing is found by the end of its name."""

    def remove(name: str) -> Any:
        with right.get_db() as db:
            db.execute("DELETE FROM things WHERE substr(name, -1) = substr(?, -1)", (name,))
        return "", 204

    return shop(remove=viewdecorators.login_required(remove))


@mutant("disk-full", says="no part of the file in the folder")
def written_in_place() -> Subject:
    """The file is saved where it is found; what was written stays when the disk is full."""

    def upload() -> Any:
        file = request.files["file"]
        name = f"{os.urandom(8).hex()}.txt"
        right.upload_folder().mkdir(parents=True, exist_ok=True)
        file.save(right.upload_folder() / name)
        return redirect(url_for("interactions.picture", name=name), 303)

    return shop(upload=viewdecorators.login_required(upload))


@mutant("disk-full", says="an error because the disk is full")
def full_disk_ignored() -> Subject:
    """The error is logged, and the answer is as ever."""

    def upload() -> Any:
        name = f"{os.urandom(8).hex()}.txt"
        try:
            right.store(request.files["file"], right.upload_folder() / name)
        except OSError:
            current_app.logger.debug("could not store %s", name)
        return redirect(url_for("interactions.picture", name=name), 303)

    return shop(upload=viewdecorators.login_required(upload))


@mutant("disconnect-upload", says="an error for a body that ends after")
def body_read_raw() -> Subject:
    """The form is read from the server's stream, which ends early without a word."""

    def add() -> Any:
        body = request.environ["wsgi.input"].read(int(request.environ["CONTENT_LENGTH"] or 0))
        right.insert(parse_qs(body.decode()).get("text", [""])[0])
        right.get_db().commit()
        return redirect(url_for("interactions.index"), 303)

    return shop(add=viewdecorators.login_required(add))


@mutant("disconnect-stream", says="the thread feeder")
def fed_for_ever() -> Subject:
    """A thread feeds the stream through a queue, and waits when nobody reads any more."""

    def view() -> Any:
        db = right.connect()
        names = [*right.names(db), *["more"] * 9]
        db.close()
        waiting: queue.Queue[str | None] = queue.Queue(1)

        def feed() -> None:
            for name in [*names, None]:
                waiting.put(name)

        threading.Thread(target=feed, name="feeder", daemon=True).start()
        return report(lambda: iter(waiting.get, None))

    return shop(report=view)


@mutant("disconnect-stream", says="the open file")
def closed_at_the_end() -> Subject:
    """What the generator opens is closed after its last row, with no `finally`."""

    def rows() -> Iterator[str]:
        log = os.open(os.devnull, os.O_WRONLY)
        yield from own_rows()
        yield "that was all"
        os.close(log)

    def view() -> Any:
        return report(rows)

    return shop(report=view)


@mutant("disconnect-stream", says="who requested the stream")
def user_kept_for_the_stream() -> Subject:
    """The thread remembers for whom it streams, until the stream has ended."""
    local = threading.local()

    def load_user() -> None:
        g.user = getattr(local, "user", None) or session.get("user")

    def rows() -> Iterator[str]:
        yield from own_rows()
        yield "that was all"
        local.user = None

    def view() -> Any:
        local.user = g.user
        return report(rows)

    return shop(lambda app: replace(app, right.load_user, load_user), report=view)


@mutant("database-locked", says="to be stored if the response says so")
def lock_ignored() -> Subject:
    """An error of the database is taken for a thing that is there already."""

    def add() -> Any:
        try:
            right.insert(request.form.get("text", ""))
            right.get_db().commit()
        except sqlite3.Error:
            current_app.logger.debug("not stored")
        return "", 204

    return shop(add=viewdecorators.login_required(add))


@mutant("database-gone", says="a 5xx, or what is stored")
def nothing_found() -> Subject:
    """An error of the database is taken for an empty list."""

    def things() -> Any:
        try:
            return list(right.names(right.get_db()))
        except sqlite3.Error:
            return []

    return shop(things=things)


@mutant("teardown-raises", says="the name stays in the thread")
def user_left_in_the_thread() -> Subject:
    """Who is logged in is kept for the thread, and forgotten after the call of the app."""
    local = threading.local()

    def change(app: flask.Flask) -> None:
        def load_user() -> None:
            local.user = g.user = session.get("user") or getattr(local, "user", None)

        replace(app, right.load_user, load_user)

    def middleware(wsgi_app: Any) -> Any:
        override = MethodOverride(wsgi_app)

        def forgetting(environ: dict[str, Any], start_response: Any) -> Any:
            answer = override(environ, start_response)
            local.user = None
            return answer

        return forgetting

    return shop(change, middleware)


@mutant("clock-jumps", says="whole days do not count")
def days_left_out() -> Subject:
    """The page's age is `timedelta.seconds`."""
    kept: dict[str, tuple[datetime, flask.Response]] = {}

    def index() -> Any:
        if "_flashes" in session:
            return bare(right.index)()
        key, now = f"{request.url} {g.user}", datetime.now(timezone.utc)
        if key not in kept or (now - kept[key][0]).seconds > 60:
            kept[key] = now, flask.make_response(bare(right.index)())
        made = kept[key][1]
        return flask.Response(made.get_data(), mimetype=made.mimetype)

    return shop(index=index)


@mutant("no-leak", says="left by ")
def closed_when_all_went_well() -> Subject:
    """What a hook opens for each request is closed after those that went well."""

    def change(app: flask.Flask) -> None:
        def begin() -> None:
            g.log = os.open(os.devnull, os.O_WRONLY)

        def end(response: flask.Response) -> flask.Response:
            if response.status_code < 400:
                os.close(g.log)
            return response

        app.before_request_funcs["interactions"].append(begin)
        app.after_request_funcs.setdefault("interactions", []).append(end)

    return shop(change)
