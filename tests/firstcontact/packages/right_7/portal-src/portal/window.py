from flask import render_template

from portal import app

OPENING = {"Mon": "9-17", "Sat": "10-13"}


@app.route("/")
def window():
    return render_template("window.html", opening=OPENING)


@app.route("/old-window")
def old():
    return "", 410
