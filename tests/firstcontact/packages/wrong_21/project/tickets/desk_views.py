from flask import abort, redirect, render_template, request, url_for

from desk_store import store
from tickets import app


@app.route("/")
def index():
    return render_template("index.html", tickets=store.open)


@app.route("/ticket/<int:number>")
def ticket(number):
    if number not in store.open:
        abort(404)
    return render_template("index.html", tickets={number: store.open[number]})


@app.post("/tickets")
def create():
    text = request.form.get("text", "").strip()
    if not text:
        abort(400)
    return redirect(url_for("ticket", number=store.add(text)), 303)
