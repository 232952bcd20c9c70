from flask import abort, render_template

from bookshop import app
from bookshop.stock import BOOKS


@app.route("/books/")
def books():
    return render_template("layout.html", text=", ".join(t for t, _ in BOOKS.values()))


@app.route("/books/<isbn>")
def book(isbn):
    if isbn not in BOOKS:
        abort(404)
    return render_template("layout.html", text=BOOKS[isbn][0])
