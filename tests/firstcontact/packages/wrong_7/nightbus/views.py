from datetime import datetime, time

from flask import abort, jsonify, render_template

from nightbus import app
from nightbus.lines import LINES, after


@app.get("/")
def index():
    return render_template("index.html", lines=LINES)


@app.get("/lines/<line>")
def line(line):
    if line not in LINES:
        abort(404)
    return render_template("line.html", line=line, departures=LINES[line])


@app.get("/lines/<line>/next")
def next_departures(line):
    if line not in LINES:
        abort(404)
    now = datetime.now().time()
    found = after(line, now if now < time(5) else time(0))
    return jsonify(line=line, next=[f"{departure:%H:%M}" for departure in found])


@app.get("/fares")
def fares():
    return render_template("fares.html")
