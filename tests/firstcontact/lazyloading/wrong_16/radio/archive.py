import sqlite3  # noqa: the archive's index

from flask import request


def search():
    return {"found": [], "for": request.args.get("q", "")}


def show(slug):
    return {"show": slug}
