"""Import of readings for a water meter service; results are shown by severity."""
import os

from flask import Flask, abort, flash, redirect, render_template, request, session, url_for
from flask.views import MethodView


class Desk(MethodView):
    def get(self):
        return render_template("desk.html")


class Reading(MethodView):
    def get(self):
        return render_template("reading.html")

    def post(self):
        text = request.form.get("remark", "")
        level = request.form.get("level", "message")
        if not text.strip() or len(text) > 200 or level not in ("error", "warning", "message"):
            abort(400)
        flash(text, level)
        return redirect(url_for("desk"), 303)


class Login(MethodView):
    def get(self):
        return render_template("login.html")

    def post(self):
        if (request.form.get("nr"), request.form.get("pin")) != ("4711", "0815"):
            flash("Number and PIN do not match.", "error")
            return render_template("login.html"), 403
        session["nr"] = "4711"
        flash("Meter 4711 is yours now.")
        return redirect(url_for("desk"), 303)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY=os.environ.get("SECRET_KEY", "meter-dev"), SESSION_COOKIE_SAMESITE="Lax")
    app.config.from_mapping(config or {})
    app.add_url_rule("/", view_func=Desk.as_view("desk"))
    app.add_url_rule("/readings", view_func=Reading.as_view("reading"))
    app.add_url_rule("/login", view_func=Login.as_view("login"))
    return app
