"""The blueprint's views; `index` is another endpoint than the application's `index`."""

from __future__ import annotations

from flask import abort, render_template

from . import bp

ENTRIES = {1: "Hello!", 2: "What a nice place."}


@bp.get("/")
def index() -> str:
    return render_template("entries/index.html", entries=ENTRIES)


@bp.get("/<int:number>")
def entry(number: int) -> str:
    if number not in ENTRIES:
        abort(404)
    return render_template("entries/entry.html", text=ENTRIES[number])
