"""Letters to the editor."""
import os
import sqlite3
from contextlib import closing

from flask import Flask, abort, flash, redirect, render_template, request, session, url_for

app = Flask(__name__)
app.config.update(
    SECRET_KEY=os.environ.get("SECRET_KEY", "letters-dev"),
    SESSION_COOKIE_SAMESITE="Lax",
    DATABASE="letters.db",
    MAX_CONTENT_LENGTH=256 * 1024,
)


def connect():
    db = sqlite3.connect(app.config["DATABASE"])
    db.execute("create table if not exists letter (id integer primary key, text text not null)")
    return db


@app.get("/")
def front():
    with closing(connect()) as db:
        count = db.execute("select count(*) from letter").fetchone()[0]
    return render_template("front.html", count=count)


@app.post("/letters")
def send():
    text = request.form.get("text", "")
    if not text.strip():
        abort(400, "The letter is empty.")
    with closing(connect()) as db, db:
        db.execute("insert into letter (text) values (?)", (text,))
    flash(f"We have received your letter: “{text}”", "success")
    return redirect(url_for("front"), 303)


@app.route("/editor", methods=["GET", "POST"])
def editor():
    error = None
    if request.method == "POST":
        if request.form["name"] == "nellie" and request.form["password"] == "72 days":
            session["editor"] = "nellie"
            flash("Good morning, chief.", "success")
            return redirect(url_for("front"), 303)
        error = "The porter does not know you."
    return render_template("editor.html", error=error)
