"""Message flashing.

What a request has to say to the person is shown by the next page. A view flashes and
redirects; the layout shows what waits. The messages travel in the session cookie, so they
must fit it.
"""

from __future__ import annotations

from flask import (
    Blueprint,
    Flask,
    current_app,
    flash,
    get_flashed_messages,
    redirect,
    render_template,
    request,
    session,
    stream_template,
    url_for,
)
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue

bp = Blueprint("flashing", __name__, url_prefix="/flashing")

#: Browsers drop a cookie of more than 4093 bytes; its name and attributes need some of them.
ROOM = 3900


def flash_quoted(text: str, category: str = "message") -> None:
    """Flash text that somebody typed, cut to what there is room for in the cookie."""
    signer = SecureCookieSessionInterface().get_signing_serializer(current_app)
    waiting = session.get("_flashes", [])

    def fits() -> bool:
        filled = {**session, "_flashes": [*waiting, (category, text)]}
        # Without a SECRET_KEY nothing signs, and `flash` says so.
        return signer is None or len(signer.dumps(filled)) <= ROOM

    while text and not fits():
        text = text[: len(text) // 2]
    if fits():
        flash(text, category)
    else:
        current_app.logger.warning("No room in the session for another message.")


@bp.get("/")
def index() -> str:
    return render_template("flashing/index.html")


@bp.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Flash success, which another page shows; hand an error to the page that is shown now."""
    error = None
    if request.method == "POST":
        if (request.form.get("username"), request.form.get("password")) == ("demo", "demo"):
            flash("You are logged in.", "success")
            return redirect(url_for("flashing.index"))
        error = "No such user, or another password."
    return render_template("flashing/login.html", error=error)


@bp.post("/notes")
def add_note() -> ResponseReturnValue:
    text = request.form.get("text", "")
    flash_quoted(f"Noted: {text}", request.form.get("category", "message")[:40])
    return redirect(url_for("flashing.index"))


@bp.get("/blocks")
def blocks() -> str:
    return render_template("flashing/blocks.html")


@bp.get("/report")
def report() -> ResponseReturnValue:
    """Stream a page.

    The session goes out with the headers, before the template runs: reading the messages
    here removes them in time, and the template gets the same ones.
    """
    get_flashed_messages()
    return stream_template("flashing/report.html", rows=range(100))


@bp.get("/status")
def status() -> dict[str, bool]:
    return {"ready": True}


@bp.get("/home")
def home() -> ResponseReturnValue:
    return redirect(url_for("flashing.index"))


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
