"""The shift log of a control room.  Nothing may be seen without logging in."""
import re

from flask import Flask, redirect, render_template, request, send_from_directory, session, url_for

USERS = {"kim": "valve", "lee": "pump"}
OPEN_TO_ALL = {"login", "static"}
log = ["06:00 all quiet", "07:30 pump 2 restarted"]


def create_app():
    app = Flask(__name__)
    app.secret_key = "control"

    @app.before_request
    def wall():
        if request.endpoint in OPEN_TO_ALL or session.get("user") in USERS:
            return None
        return redirect(url_for("login", next=request.path))

    @app.route("/login", methods=["GET", "POST"])
    def login():
        error = None
        if request.method == "POST":
            user = request.form.get("user", "")
            if user in USERS and USERS[user] == request.form.get("password"):
                session["user"] = user
                target = request.args.get("next", "/")
                return redirect(target if re.fullmatch(r"/([\w.-]+/?)*", target) else "/")
            error = "Wrong user or password"
        return render_template("login.html", error=error), 403 if error else 200

    @app.route("/")
    def index():
        return render_template("log.html", log=log)

    @app.post("/logout")
    def logout():
        session.clear()
        return redirect(url_for("login"))

    @app.route("/favicon.ico")
    def favicon():
        return send_from_directory(app.static_folder, "favicon.ico", mimetype="image/vnd.microsoft.icon")

    return app
