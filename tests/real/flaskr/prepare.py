"""Prepares each app of flaskr: its tables, and the user that logs in."""

from __future__ import annotations

from typing import Any


def register(app: Any) -> None:
    from flaskr.db import get_db, init_db
    from werkzeug.security import generate_password_hash

    with app.app_context():
        init_db()
        # One round: the clauses log in a thousand times.
        password = generate_password_hash("demo", method="pbkdf2:sha256:1")
        get_db().execute("INSERT INTO user (username, password) VALUES ('demo', ?)", (password,))
        get_db().commit()
