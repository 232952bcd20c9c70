"""Expenses of a club; the long report is streamed while it is made."""
from flask import Flask, abort, flash, redirect, render_template, request, session, stream_template, url_for

TREASURERS = {"nora": "coin", "piet": "purse"}
app = Flask(__name__)
app.config.from_mapping(SECRET_KEY="only-for-trying", SESSION_COOKIE_SAMESITE="Lax")


def bookings():
    for number in range(1, 200):
        yield f"Booking {number}: {number % 7} €"


@app.get("/")
def cash_box():
    return render_template("page.html", title="Cash box", items=[])


@app.get("/report")
def report():
    return stream_template("page.html", title="Report", items=bookings())


@app.post("/notes")
def note():
    text = request.form.get("text", "").strip()
    if not text:
        abort(400)
    flash(f"Noted: {text}", "info")
    return redirect(url_for("cash_box"), 303)


@app.post("/login")
def login():
    user = request.form.get("user", "")
    if user not in TREASURERS or TREASURERS[user] != request.form.get("password"):
        abort(401)
    session["user"] = user
    return redirect(url_for("cash_box"), 303)


@app.post("/logout")
def logout():
    session.clear()
    return redirect(url_for("cash_box"), 303)


@app.get("/budget")
def budget():
    if "user" not in session:
        abort(401)
    return render_template("page.html", title="Budget", items=["Boats", "Paint"])
