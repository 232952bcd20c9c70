from flask import render_template
from flask_login import current_user, login_required

from choir import app


@app.route("/")
@login_required
def rehearsals():
    return render_template("rehearsals.html", name=current_user.id, days=["4 May", "11 May"])


@app.get("/calendar.ics")
def ics():
    body = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//choir//EN\r\nEND:VCALENDAR\r\n"
    return body, {"Content-Type": "text/calendar"}
