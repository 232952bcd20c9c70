from flask import request, session
from markupsafe import escape

HOURS = {"monday": "8-17", "tuesday": "8-17", "friday": "8-12"}


def index():
    return "<!doctype html><title>Clinic</title><h1>Clinic</h1>"


def opening_hours(weekday):
    return f"<!doctype html><title>Hours</title><p>{escape(weekday)}: {HOURS.get(weekday, 'closed')}"


def login():
    if request.method == "POST":
        session["staff"] = request.form.get("name", "")
        return "<!doctype html><p>Welcome"
    return "<!doctype html><form method=post><input name=name><button>Log in</button></form>"
