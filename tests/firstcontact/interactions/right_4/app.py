"""An observatory: class-based views; only data is cached, never a page."""
import hashlib
import secrets
import time
from threading import Lock

from flask import Blueprint, Flask, Response, current_app, flash, g, get_flashed_messages, redirect, render_template
from flask import request, session, stream_with_context, url_for
from flask.views import MethodView
from markupsafe import escape

site = Blueprint("site", __name__)
ASTRONOMERS = {"vera": "galaxy", "tycho": "nova"}


class Memo:
    """Keeps what is expensive for a while."""

    def __init__(self, seconds, clock=time.monotonic):
        self.seconds, self.clock, self.lock, self.kept = seconds, clock, Lock(), {}

    def get(self, key, make):
        with self.lock:
            until, value = self.kept.get(key, (float("-inf"), None))
            if self.clock() >= until:
                value = make()
                self.kept[key] = (self.clock() + self.seconds, value)
            return value


def tonight():
    return tuple(f"Star {number}" for number in range(1, 6))


@site.before_app_request
def who():
    name = session.get("name")
    g.name = name if name in ASTRONOMERS else None


class Sky(MethodView):
    def get(self):
        stars = current_app.extensions["memo"].get("tonight", tonight)
        return render_template("sky.html", heading="Tonight", rows=stars)


class Log(MethodView):
    def get(self):
        return render_template("sky.html", heading="Log", rows=())

    def post(self):
        flash(request.form.get("entry", ""), "entry")
        return redirect(url_for(".log"), 302)


class Survey(MethodView):
    def get(self):
        name, messages = g.name or "guest", get_flashed_messages()

        @stream_with_context
        def generate():
            yield f"<!doctype html><html lang='en'><title>Survey</title><h1>Survey for {escape(name)}</h1>"
            for message in messages:
                yield f"<p class='message'>{escape(message)}</p>"
            for number in range(200):
                yield f"<p>Plate {number}</p>\n"
            yield f"<footer>{escape(request.args.get('q', ''))}</footer></html>"

        return Response(generate(), mimetype="text/html")


class Plates(MethodView):
    def post(self):
        body = request.get_data(cache=True)
        digest = hashlib.new("md5", body, usedforsecurity=False).hexdigest()
        return render_template("sky.html", heading=digest, rows=[request.form.get("entry", "")])


class Dome(MethodView):
    def get(self):
        if g.name is None:
            return render_template("sky.html", heading="Log in first", rows=()), 403
        return render_template("sky.html", heading="Dome", rows=())


class Door(MethodView):
    def post(self):
        name, word = request.form.get("name", ""), request.form.get("word", "")
        if not secrets.compare_digest(ASTRONOMERS.get(name, secrets.token_hex()).encode(), word.encode()):
            return render_template("sky.html", heading="No", rows=()), 401
        session["name"] = name
        return redirect(url_for(".dome"), 303)

    def delete(self):
        session.clear()
        return "", 204


for path, view in {"/": Sky, "/log": Log, "/survey": Survey, "/plates": Plates, "/dome": Dome, "/door": Door}.items():
    site.add_url_rule(path, view_func=view.as_view(view.__name__.lower()))


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY=secrets.token_hex(), SESSION_COOKIE_SAMESITE="Strict")
    app.config.from_mapping(config or {})
    app.extensions["memo"] = Memo(30)
    app.register_blueprint(site, url_prefix="/observatory")
    return app
