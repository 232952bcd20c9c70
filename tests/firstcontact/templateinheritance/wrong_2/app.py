"""Reading circle: books and what members say about them."""
import os
import sqlite3
from contextlib import closing

from flask import Flask, abort, redirect, render_template, request, url_for

app = Flask(__name__)
app.config["DATABASE"] = os.environ.get("DATABASE", "books.db")


def connect():
    db = sqlite3.connect(app.config["DATABASE"])
    db.execute("create table if not exists book (id integer primary key, title text not null, said text not null)")
    return db


@app.get("/")
def shelf():
    with closing(connect()) as db:
        books = db.execute("select id, title from book order by id").fetchall()
    return render_template("shelf.j2", books=books)


@app.get("/about")
def about():
    return render_template("about.j2")


@app.get("/books/<int:id>")
def book(id):
    with closing(connect()) as db:
        row = db.execute("select title, said from book where id = ?", (id,)).fetchone()
    if row is None:
        abort(404)
    return render_template("book.j2", title=row[0], said=row[1])


@app.post("/books")
def add():
    title, said = request.form.get("title", "").strip(), request.form.get("said", "").strip()
    if not title or not said:
        abort(400, "Title and opinion, please.")
    with closing(connect()) as db, db:
        id = db.execute("insert into book (title, said) values (?, ?)", (title, said)).lastrowid
    return redirect(url_for("book", id=id), 303)


@app.errorhandler(404)
def missing(error):
    return render_template("missing.j2"), 404
