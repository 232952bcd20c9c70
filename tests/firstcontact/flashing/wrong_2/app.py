"""Public timetable of a small ferry line, with a desk for announcements."""
import os

from flask import Flask, abort, flash, redirect, render_template, request, session, url_for
from flask_caching import Cache

cache = Cache()
STAFF = {"marit": "fjord-77"}
SAILINGS = [("07:10", "Halsa"), ("09:40", "Kanestraum"), ("13:05", "Halsa"), ("17:55", "Kanestraum")]


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(
        SECRET_KEY=os.environ.get("SECRET_KEY", "ferry-dev"),
        SESSION_COOKIE_SAMESITE="Lax",
        CACHE_TYPE="SimpleCache",
        CACHE_DEFAULT_TIMEOUT=60,
    )
    app.config.from_mapping(config or {})
    cache.init_app(app)

    @app.get("/")
    @cache.cached(key_prefix="timetable")
    def timetable():
        return render_template("timetable.html", sailings=SAILINGS)

    @app.get("/contact")
    def contact():
        return render_template("contact.html")

    @app.post("/questions")
    def ask():
        text = request.form.get("text", "")
        if not text.strip() or len(text) > 200:
            abort(400)
        app.logger.info("question: %r", text)
        flash(f"We have received: {text}", "info")
        return redirect(url_for("contact"))

    @app.route("/staff", methods=["GET", "POST"])
    def staff():
        error = None
        if request.method == "POST":
            if STAFF.get(request.form["user"]) == request.form["password"]:
                session["staff"] = request.form["user"]
                flash("Welcome on board.", "success")
                return redirect(url_for("timetable"))
            error = "Unknown name or password."
        return render_template("staff.html", error=error)

    return app
