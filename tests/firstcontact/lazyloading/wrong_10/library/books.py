from flask import abort

BOOKS = {"9780141439518": "Pride and Prejudice", "9780679783268": "Emma"}


def listing():
    return BOOKS


def detail(isbn):
    if isbn not in BOOKS:
        abort(404)
    return {"isbn": isbn, "title": BOOKS[isbn]}
