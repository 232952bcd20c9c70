"""Intranet of a bakery chain."""
import os

from flask import Flask, g, redirect, render_template, request, session, url_for

STAFF = {"hanna": ("brezel", "baker"), "ole": ("krume", "manager")}


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY=os.environ.get("SECRET_KEY", "bakery-dev"), SESSION_COOKIE_SAMESITE="Lax")
    app.config.from_mapping(config or {})

    @app.before_request
    def who():
        name = session.get("name")
        g.role = STAFF[name][1] if name in STAFF else None

    @app.get("/")
    def index():
        return render_template("index.html")

    @app.get("/shifts")
    def shifts():
        return render_template("shifts.html", shifts=[("Mon", "Hanna"), ("Tue", "Ole")], takings=[("Mon", 1812), ("Tue", 1544)])

    @app.route("/login", methods=["GET", "POST"])
    def login():
        failed = False
        if request.method == "POST":
            name = request.form.get("name")
            if name in STAFF and STAFF[name][0] == request.form.get("password"):
                session["name"] = name
                return redirect(url_for("shifts"), 303)
            failed = True
        return render_template("login.html", failed=failed)

    @app.errorhandler(404)
    def missing(error):
        return render_template("404.html"), 404

    return app
