from flask import request

GUESTS = []


def index():
    return {"guests": len(GUESTS), "last": GUESTS[-1] if GUESTS else None}


def checkin():
    GUESTS.append(request.form.get("name", "anonymous"))
    return {"guests": len(GUESTS)}, 201
