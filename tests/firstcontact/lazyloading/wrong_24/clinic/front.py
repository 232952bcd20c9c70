from flask import abort, url_for

STAFF = {"amara": "Dr. Amara Nwosu", "jon": "Jón Einarsson, nurse"}


def index():
    return f'<h1>Clinic</h1><a href="{url_for("listing")}">Appointments</a>'


def staff(name):
    if name not in STAFF:
        abort(404, "Nobody of that name works here.")
    return f"<h1>{STAFF[name]}</h1>"
