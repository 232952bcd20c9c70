"""A reading club: the list of the month is expensive, so the page is cached."""
from flask import Flask, flash, redirect, render_template, request, session, url_for
from flask_caching import Cache

PASSWORDS = {"ada": "engine", "grace": "cobol"}
cache = Cache()


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY="only-for-trying", CACHE_TYPE="SimpleCache", SESSION_COOKIE_SAMESITE="Lax")
    app.config.from_mapping(config or {})
    cache.init_app(app)

    @app.get("/")
    @cache.cached(timeout=120, unless=lambda: "_flashes" in session)
    def books():
        return render_template("page.html", title="Books", items=["Emma", "Middlemarch"])

    @app.post("/login")
    def login():
        user = request.form.get("user", "")
        if user not in PASSWORDS or PASSWORDS[user] != request.form.get("password"):
            return render_template("page.html", title="Wrong name or password", items=[]), 401
        session.clear()
        session["user"] = user
        return redirect(url_for("account"), 303)

    @app.post("/logout")
    def logout():
        session.clear()
        return redirect(url_for("contact"), 303)

    @app.get("/account")
    def account():
        if "user" not in session:
            return redirect(url_for("contact"), 303)
        return render_template("page.html", title="Your account", items=[])

    @app.route("/contact", methods=["GET", "POST"])
    def contact():
        if request.method == "POST":
            flash(request.form.get("text", ""))
            return redirect(url_for("contact"), 303)
        return render_template("page.html", title="Contact", items=[])

    return app
