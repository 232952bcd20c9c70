from flask import abort

EVENTS = {"may": "Asparagus evening"}


def index():
    return {"events": list(EVENTS.values())}


def show(slug):
    return {"event": EVENTS.get(slug) or abort(404)}
