"""The views of the application itself."""

from __future__ import annotations

from flask import render_template

from . import app


@app.get("/")
def index() -> str:
    return render_template("index.html")
