"""Stock report of a seed bank; the long list is streamed."""
import os

from flask import Flask, abort, flash, redirect, render_template, request, session, stream_template, url_for

app = Flask(__name__)
app.config.update(SECRET_KEY=os.environ.get("SECRET_KEY", "seed-dev"), SESSION_COOKIE_SAMESITE="Lax")
CURATORS = {"nikolai": "wheat1926"}


def stock():
    for number in range(300):
        yield f"Accession {number:05}", number * 37 % 91


@app.get("/")
def index():
    return render_template("index.html")


@app.get("/report")
def report():
    return stream_template("report.html", rows=stock())


@app.post("/remarks")
def remark():
    text = request.form.get("text", "")
    if not text.strip() or len(text) > 200:
        abort(400)
    flash(text)
    return redirect(url_for("index"), 303)


@app.route("/curator", methods=["GET", "POST"])
def curator():
    error = None
    if request.method == "POST":
        if CURATORS.get(request.form["name"]) == request.form["password"]:
            session["curator"] = request.form["name"]
            flash("The vault is open.")
            return redirect(url_for("index"), 303)
        error = "The vault stays closed."
    return render_template("curator.html", error=error)
