"""Patterns together: a small shop.

Each pattern is short by itself; here is what it takes for several of them to stand in one app. What
is kept in the cache is nobody's own, what waits for a person stays with them, and what a request
began is either done or was never there.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from functools import wraps
from pathlib import Path, PurePosixPath
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    after_this_request,
    current_app,
    flash,
    g,
    get_flashed_messages,
    redirect,
    render_template,
    request,
    send_from_directory,
    session,
    stream_template,
    url_for,
)
from flask.typing import ResponseReturnValue, RouteCallable
from werkzeug.datastructures import FileStorage

from .fileuploads import ALLOWED_EXTENSIONS
from .flashing import flash_quoted
from .requestchecksum import generate_checksum
from .viewdecorators import cached, login_required

bp = Blueprint("interactions", __name__, url_prefix="/interactions")


# Who asks: the name in the session, and a cookie for each visitor.


@bp.before_request
def load_user() -> None:
    g.user = session.get("user")


@bp.before_request
def remember_visitor() -> None:
    """Set the cookie on whatever the response will be, an error too.

    The cache never sees it: it keeps what the view gave, and this comes after.
    """
    if "visitor" not in request.cookies:

        @after_this_request
        def set_cookie(response: Response) -> Response:
            response.set_cookie(
                "visitor",
                secrets.token_urlsafe(),
                max_age=180 * 86400,
                path=request.root_path or "/",
                secure=request.is_secure,
                httponly=True,
                samesite="Lax",
            )
            return response


# The database: a connection for each request, and one of its own for what outlives it.


def connect() -> sqlite3.Connection:
    """Open the database; a lock that is held is waited for a moment, and is an error then."""
    file = Path(current_app.instance_path, current_app.config["INTERACTIONS_DATABASE"])
    file.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(file, timeout=current_app.config["INTERACTIONS_PATIENCE"])
    try:
        db.execute("CREATE TABLE IF NOT EXISTS things (name TEXT PRIMARY KEY)")
    except sqlite3.Error:
        db.close()
        raise
    return db


def get_db() -> sqlite3.Connection:
    """Return the request's connection."""
    if "interactions_db" not in g:
        g.interactions_db = connect()
    db: sqlite3.Connection = g.interactions_db
    return db


@bp.teardown_request
def close_db(error: BaseException | None) -> None:
    # What was not committed is rolled back.
    if (db := g.pop("interactions_db", None)) is not None:
        db.close()


def names(db: sqlite3.Connection) -> Iterator[str]:
    return (name for (name,) in db.execute("SELECT name FROM things ORDER BY name"))


def name_sent() -> str:
    """Return the name in the form; 400 where less came than was announced.

    Behind a server that ends the stream itself, such as gunicorn, nothing else notices.
    """
    if len(request.get_data()) < (request.content_length or 0):
        abort(400, "the request is not whole")
    return request.form.get("text", "")


def insert(name: str) -> None:
    """Store a thing, until the request's end or a commit; 400 or 409 where that cannot be."""
    if not name:
        abort(400, "a name is missing")
    try:
        get_db().execute("INSERT INTO things VALUES (?)", (name,))
    except sqlite3.IntegrityError:
        abort(409, "the name is taken")


# Pages: the layout shows who is logged in, and what waits for them.


def cached_unless_flashed(view: RouteCallable) -> RouteCallable:
    """Keep a page, for each URL and user; one with messages on it is shown once, and not kept."""
    kept = cached(timeout=60)(view)

    @wraps(view)
    def decorated_view(*args: Any, **kwargs: Any) -> Any:
        chosen: Any = view if "_flashes" in session else kept
        return chosen(*args, **kwargs)

    return decorated_view


@bp.get("/")
@cached_unless_flashed
def index() -> str:
    return render_template("interactions/index.html", names=list(names(get_db())))


@bp.get("/contact")
def contact() -> str:
    return render_template("interactions/contact.html")


@bp.post("/contact")
def send_note() -> ResponseReturnValue:
    flash_quoted(f"Noted: {request.form.get('text', '')}")
    return redirect(url_for(".contact"), 303)


@bp.get("/account")
@login_required
def account() -> str:
    return render_template("interactions/account.html")


@bp.get("/report")
def report() -> ResponseReturnValue:
    """Stream a page.

    The session goes out with the headers, so the messages are taken out of it before;
    the template gets the same ones. The rows have a connection of their own, as that of
    the request may be closed when they are read.
    """
    get_flashed_messages()
    db = connect()

    def rows() -> Iterator[str]:
        with closing(db):
            yield from names(db)

    response = Response(stream_template("interactions/report.html", names=rows()))
    # Rows that nobody ever asks for are never begun, and their `with` closes nothing.
    response.call_on_close(db.close)
    return response


# Things: a POST that stands for a DELETE comes here as one, and meets the same check.


@bp.post("/")
@login_required
def add() -> ResponseReturnValue:
    insert(name_sent())
    get_db().commit()
    return redirect(url_for(".index"), 303)


@bp.get("/things")
def things() -> list[str]:
    return list(names(get_db()))


@bp.get("/things/<name>")
def thing(name: str) -> str:
    if name not in names(get_db()):
        abort(404)
    return render_template("interactions/thing.html", name=name)


@bp.delete("/things/<name>")
@login_required
def remove(name: str) -> tuple[str, int]:
    with get_db() as db:
        if not db.execute("DELETE FROM things WHERE name = ?", (name,)).rowcount:
            abort(404)
    return "", 204


# Orders: a task is queued when what it works on is there for all to see.


@bp.post("/orders")
@login_required
def order() -> ResponseReturnValue:
    name = name_sent()
    insert(name)
    if request.form.get("quantity", type=int) is None:
        abort(400, "a quantity is missing")
    get_db().commit()
    enqueue(name)
    flash("Your order is on its way.")
    return redirect(url_for(".index"), 303)


def enqueue(name: str) -> None:
    """Queue the delivery of a thing; `deliver.delay(name)` with a broker."""
    current_app.extensions["interactions"].append(name)


# Forms: the hash begins before anything reads the body.


@bp.route("/receipts", methods=["POST", "PUT"])
def receipt() -> dict[str, str]:
    checksum = generate_checksum(request)
    return {"text": request.form.get("text", ""), "checksum": checksum.hexdigest()}


# Files: written beside their place, and moved there when they are whole.


def upload_folder() -> Path:
    """Return the upload folder; a relative one is below the instance folder."""
    return Path(current_app.instance_path, current_app.config["INTERACTIONS_UPLOADS"])


@bp.post("/pictures")
@login_required
def upload() -> ResponseReturnValue:
    file = request.files.get("file")
    if file is None or not file.filename:
        abort(400, "a file is missing")
    extension = PurePosixPath(file.filename).suffix.removeprefix(".").lower()
    if extension not in ALLOWED_EXTENSIONS:
        abort(400, "files of this kind are not accepted")
    name = f"{uuid.uuid4().hex}.{extension}"
    store(file, upload_folder() / name)
    return redirect(url_for(".picture", name=name), 303)


def store(file: FileStorage, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_suffix(".part")
    try:
        file.save(part)
        os.replace(part, place)
    except OSError:
        part.unlink(missing_ok=True)
        raise


@bp.get("/pictures/<name>")
def picture(name: str) -> Response:
    response = send_from_directory(upload_folder(), name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def init_app(app: Flask) -> None:
    """Register the shop; it uses the login and the cache of `viewdecorators`."""
    app.config.setdefault("INTERACTIONS_DATABASE", "interactions.db")
    app.config.setdefault("INTERACTIONS_UPLOADS", "interactions")
    app.config.setdefault("INTERACTIONS_PATIENCE", 5.0)
    app.extensions["interactions"] = deque(maxlen=1000)
    app.register_blueprint(bp)
