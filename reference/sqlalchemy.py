"""SQLAlchemy in Flask.

Flask-SQLAlchemy gives each app context a session and removes it when the context
ends; what was not committed is then rolled back. Nothing commits by itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, relationship, selectinload

db = SQLAlchemy()

bp = Blueprint("sqlalchemy", __name__, url_prefix="/sqlalchemy")


# Declarative: the table and the class in one.


class User(db.Model):  # type: ignore[name-defined,misc]
    """Someone who registered."""

    __tablename__ = "users"

    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(50), unique=True, nullable=False)
    notes = relationship("Note", back_populates="user", cascade="all, delete-orphan")


# Manual mapping: a table, a plain class, and a registry that maps the one to the other.

notes = db.Table(
    "notes",
    db.Column("id", db.Integer, primary_key=True),
    db.Column("user_id", db.ForeignKey("users.id"), nullable=False),
    db.Column("text", db.String(200), nullable=False),
)


class Note:
    """A remark on a user; nothing in it knows of the database."""

    def __init__(self, text: str) -> None:
        self.text = text


db.Model.registry.map_imperatively(  # type: ignore[attr-defined]
    Note, notes, properties={"user": relationship(User, back_populates="notes")}
)


# Sessions: a view commits when all of its work is done.


@bp.get("/")
def index() -> dict[str, Any]:
    # The notes of all users come with one statement more, not with one for each user.
    users = db.session.execute(select(User).options(selectinload(User.notes))).scalars()
    return {"users": [{"name": u.name, "notes": [n.text for n in u.notes]} for u in users]}


@bp.post("/")
def create() -> tuple[dict[str, str], int]:
    name = request.form.get("name", "")
    if not name:
        abort(400, "a name is missing")
    user = User(name=name)
    user.notes.append(Note("registered"))
    db.session.add(user)
    try:
        db.session.commit()
    except IntegrityError:
        # The constraint decides: a SELECT before would miss who comes at the same moment.
        abort(409, "the name is taken")
    return {"name": name}, 201


@bp.post("/pairs")
def create_pair() -> tuple[dict[str, str], int]:
    """Register two users or none: what is flushed before an abort is rolled back."""
    for field in ("name", "partner"):
        name = request.form.get(field, "")
        if not name:
            abort(400, f"a {field} is missing")
        db.session.add(User(name=name))
        db.session.flush()
    db.session.commit()
    return {"name": request.form["name"]}, 201


@bp.get("/names.txt")
def export() -> Response:
    """Stream all names with a session of the generator's own: it is closed with the stream."""
    engine = db.engine

    def lines() -> Iterator[str]:
        with Session(engine) as session:
            for name in session.execute(select(User.name)).scalars():
                yield f"{name}\n"

    return Response(lines(), mimetype="text/plain")


def user_names() -> list[str]:
    """Return the names for a cache or a task: plain text, as objects end with their session."""
    return list(db.session.execute(select(User.name)).scalars())


# The SQL layer: `begin` commits where its block ends, and rolls back where that raises.


@bp.post("/core")
def core_create() -> tuple[dict[str, str], int]:
    name = request.form.get("name", "")
    try:
        with db.engine.begin() as connection:
            connection.execute(User.__table__.insert(), {"name": name})
    except IntegrityError:
        abort(409, "the name is taken")
    return {"name": name}, 201


@bp.get("/find")
def find() -> dict[str, list[str]]:
    statement = text("SELECT name FROM users WHERE name = :name")
    with db.engine.connect() as connection:
        rows = connection.execute(statement, {"name": request.args.get("name", "")})
        return {"users": [row.name for row in rows]}


# Setting up.


def init_db() -> None:
    """Create the tables of all models; those that are there stay as they are."""
    os.makedirs(current_app.instance_path, exist_ok=True)
    db.create_all()


def init_app(app: Flask) -> None:
    """Register the views, the extension and the command `init-db`.

    The database is the one that `SQLALCHEMY_DATABASE_URI` names, else a file in
    the instance folder.
    """
    file = os.path.join(app.instance_path, "reference.db")
    app.config.setdefault("SQLALCHEMY_DATABASE_URI", f"sqlite:///{file}")
    db.init_app(app)
    app.cli.command("init-db")(init_db)
    app.register_blueprint(bp)
