"""A gardening club: cached front page, contact form, streamed report, a visitor's cookie."""
import secrets

from flask import (
    Flask, abort, flash, get_flashed_messages, redirect, render_template, request, session, stream_template, url_for,
)
from flask_caching import Cache
from werkzeug.security import check_password_hash, generate_password_hash

cache = Cache()
MEMBERS = {
    name: generate_password_hash(word, "pbkdf2:sha256:1000") for name, word in (("flora", "seed"), ("hugo", "rake"))
}


def person():
    return session.get("user")


def page_key():
    return f"{request.path}?as={person() or ''}"


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(
        SECRET_KEY=secrets.token_hex(), SESSION_COOKIE_SAMESITE="Lax", CACHE_TYPE="SimpleCache"
    )
    app.config.from_mapping(config or {})
    cache.init_app(app)

    @app.after_request
    def number_visitors(response):
        if not request.cookies.get("visitor"):
            response.set_cookie("visitor", secrets.token_urlsafe(12), httponly=True, samesite="Lax")
        return response

    @app.get("/")
    @cache.cached(timeout=60, make_cache_key=page_key, unless=lambda: "_flashes" in session)
    def front():
        return render_template("page.html", title="Garden", items=["Beans", "Beets"])

    @app.route("/contact", methods=["GET", "POST"])
    def contact():
        if request.method == "GET":
            return render_template("page.html", title="Contact", items=[])
        text = request.form.get("text", "").strip() or abort(400)
        flash(f"Thank you for: {text}")
        return redirect(url_for("contact"), 303)

    @app.get("/report")
    def report():
        lines = (f"Bed {number}: watered" for number in range(1, 120))
        return stream_template("page.html", title="Report", items=lines, user=person(), messages=get_flashed_messages())

    @app.get("/beds/<int:number>")
    def bed(number):
        if number > 3:
            abort(404)
        return {"bed": number}

    @app.get("/account")
    def account():
        if person() is None:
            return redirect(url_for("login"))
        return render_template("page.html", title="Account", items=[])

    @app.route("/login", methods=["GET", "POST"])
    def login():
        if request.method == "POST":
            user = request.form.get("user", "")
            if check_password_hash(MEMBERS.get(user, "pbkdf2:sha256:1$x$00"), request.form.get("password", "")):
                session.clear()
                session["user"] = user
                return redirect(url_for("account"), 303)
            return render_template("page.html", title="Name or password is wrong", items=[]), 401
        return render_template("page.html", title="Log in", items=[])

    @app.post("/logout")
    def logout():
        session.clear()
        return redirect(url_for("front"), 303)

    return app
