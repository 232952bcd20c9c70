"""Guest book of a mountain hut."""
import os
import sqlite3

from flask import Flask, abort, flash, g, redirect, render_template, request, session, url_for
from markupsafe import Markup

app = Flask(__name__)
app.config.update(
    SECRET_KEY=os.environ.get("SECRET_KEY", "hut-dev"),
    SESSION_COOKIE_SAMESITE="Lax",
    DATABASE="guestbook.db",
)
WARDENS = {"resi": "almrausch"}


def db():
    if "db" not in g:
        g.db = sqlite3.connect(app.config["DATABASE"])
        g.db.execute("create table if not exists entry (id integer primary key, name text not null)")
    return g.db


@app.teardown_appcontext
def close(exc):
    if "db" in g:
        g.pop("db").close()


@app.get("/")
def index():
    names = [row[0] for row in db().execute("select name from entry order by id desc limit 20")]
    return render_template("index.html", names=names)


@app.post("/entries")
def sign():
    name = request.form.get("name", "")
    if not name.strip() or len(name) > 200:
        abort(400, "A name has between 1 and 200 characters.")
    with db():
        db().execute("insert into entry (name) values (?)", (name,))
    flash(Markup(f"Thank you for your visit, <strong>{name}</strong>!"))
    return redirect(url_for("index"), 303)


@app.route("/warden", methods=["GET", "POST"])
def warden():
    error = None
    if request.method == "POST":
        name = request.form["name"]
        if WARDENS.get(name) == request.form["password"]:
            session["warden"] = name
            flash("Griaß di, the hut is yours.")
            return redirect(url_for("index"), 303)
        error = "This is not a warden's password."
    return render_template("warden.html", error=error)
