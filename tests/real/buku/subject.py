"""buku's server, each app with a database of its own."""

from __future__ import annotations

import tempfile
from pathlib import Path

import flask
from bukuserver.server import create_app as create


def create_app() -> flask.Flask:
    return create(str(Path(tempfile.mkdtemp(), "bookmarks.db")))


def store(app: flask.Flask) -> None:
    """Store a bookmark."""
    from bukuserver.api import get_bukudb

    with app.app_context():
        get_bukudb().add_rec("https://example.org/", "Example", fetch=False)
