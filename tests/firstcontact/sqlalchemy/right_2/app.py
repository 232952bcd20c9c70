"""Imperative mapping; the session belongs to the context, not to the thread; the engine to the app."""
import contextvars
import dataclasses

from flask import Flask, current_app, g, has_app_context, request, url_for
from flask.views import MethodView
from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, exc, select
from sqlalchemy.orm import registry, scoped_session, sessionmaker

mappers = registry(metadata=MetaData())
metadata = mappers.metadata


@dataclasses.dataclass
class Guest:
    name: str
    email: str
    id: int | None = None


guests = Table(
    "guests", metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(50), unique=True, nullable=False),
    Column("email", String(120), unique=True, nullable=False),
)
mappers.map_imperatively(Guest, guests)

outside = contextvars.ContextVar("outside", default=object())


def scope():
    return id(g._get_current_object()) if has_app_context() else outside.get()


def new_session():
    return current_app.extensions["guests"]()


db_session = scoped_session(new_session, scopefunc=scope)
Guest.query = db_session.query_property()


def shutdown_session(exception=None):
    db_session.remove()


def init_db():
    metadata.create_all(bind=current_app.extensions["guests"].kw["bind"])


def snapshot():
    return tuple(tuple(row) for row in db_session.execute(select(Guest.name, Guest.email)))


class Guests(MethodView):
    def get(self):
        return "".join(guest.name + "\r\n" for guest in Guest.query.order_by(Guest.name)), {"Content-Type": "text/plain; charset=utf-8"}

    def put(self):
        guest = Guest(request.form["name"], request.form["email"])
        try:
            with db_session.begin_nested():
                db_session.add(guest)
            db_session.commit()
        except exc.IntegrityError:
            return "known already\r\n", 409
        return "", 201, {"Location": url_for("found", name=guest.name)}


class Found(MethodView):
    init_every_request = False

    def get(self):
        guest = Guest.query.filter(Guest.name == request.args["name"]).first()
        return (guest.name if guest else ""), {"Content-Type": "text/plain; charset=utf-8"}


class Failing(MethodView):
    def post(self):
        with db_session.begin():
            db_session.add(Guest(request.form["name"], request.form["email"]))
            db_session.flush()
            return 1 / 0


def create_app(config=None):
    app = Flask("guestbook")
    app.config.from_mapping({"GUESTS": "sqlite:///guests.db", **(config or {})})
    app.extensions["guests"] = sessionmaker(bind=create_engine(app.config["GUESTS"]), expire_on_commit=True)
    app.teardown_appcontext(shutdown_session)
    app.add_url_rule("/guests", view_func=Guests.as_view("guests"))
    app.add_url_rule("/guest", view_func=Found.as_view("found"))
    app.add_url_rule("/guests/fail", view_func=Failing.as_view("failing"))
    return app
