"""Only for members who have logged in; what was accepted is in a file of lines, and unique is the pair of two fields."""
import functools
import json
import os
import threading

from flask import Blueprint, Flask, abort, current_app, redirect, render_template_string, request, session, url_for
from werkzeug.utils import cached_property
from wtforms import BooleanField, Form, HiddenField, StringField, TextAreaField, TimeField, validators
from wtforms.csrf.session import SessionCSRF

lock = threading.Lock()
rooms = Blueprint("rooms", __name__)
ROOM = "<!doctype html><title>Book</title><form method=post action='{{ request.path }}'>{% for f in form %}<div>{{ f.label if f.type not in ('HiddenField', 'CSRFTokenField') }}{{ f }}{% for e in f.errors %}<b>{{ e }}</b>{% endfor %}</div>{% endfor %}<input type=submit></form>"


class Booking(Form):
    room = StringField("Room", [validators.InputRequired(), validators.Length(min=2, max=30)])
    hour = TimeField("Time", [validators.InputRequired()])
    why = TextAreaField("Reason", [validators.Optional(), validators.Length(max=300)])
    public = BooleanField("Show it on the screen")
    kind = HiddenField(default="meeting", validators=[validators.AnyOf(["meeting", "party"])])

    def __init__(self, formdata=None, **kwargs):
        super().__init__(formdata, **kwargs)
        self.taken = lambda booking: False

    def validate(self, extra_validators=None):
        if not super().validate(extra_validators):
            return False
        if self.taken(self):
            self.room.errors = [*self.room.errors, "Taken at that time."]
            return False
        return True


class ProtectedBooking(Booking):
    class Meta:
        csrf = True
        csrf_class = SessionCSRF
        csrf_time_limit = None

        @cached_property
        def csrf_secret(self):
            return current_app.config["SECRET_KEY"].encode()

        @property
        def csrf_context(self):
            return session


def members_only(view):
    @functools.wraps(view)
    def wrapped(*args, **kwargs):
        if "member" not in session:
            abort(401)
        return view(*args, **kwargs)

    return wrapped


def records():
    path = current_app.config["BOOKINGS"]
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@rooms.post("/key")
def key():
    if request.form.get("pin") != "0000":
        abort(403)
    session["member"] = "m"
    return redirect(url_for(".book"), 303)


@rooms.route("/book", methods=["GET", "POST"])
@members_only
def book():
    if request.method != "POST":
        return render_template_string(ROOM, form=ProtectedBooking())
    form = ProtectedBooking(request.form)
    with lock:
        form.taken = lambda form: any(r["room"] == form.room.data and r["hour"] == form.hour.data.isoformat() for r in records())
        if form.validate():
            record = {"room": form.room.data, "hour": form.hour.data.isoformat(), "why": form.why.data, "public": form.public.data, "kind": form.kind.data}
            with open(current_app.config["BOOKINGS"], "a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")
            return redirect(url_for(".book"), 303)
    return render_template_string(ROOM, form=form), 409 if form.room.errors else 400


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY="rooms", BOOKINGS="bookings.jsonl")
    app.config.from_mapping(config or {})
    app.register_blueprint(rooms, url_prefix="/rooms")
    return app
