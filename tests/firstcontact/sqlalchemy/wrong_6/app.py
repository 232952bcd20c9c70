from flask import Flask, Response, abort, current_app, redirect, render_template_string, request, stream_with_context, url_for
from sqlalchemy import Integer, String, create_engine, event, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, scoped_session, sessionmaker

PAGE = """<!doctype html>
<title>Plants</title>
<ul>{% for name in names %}<li>{{ name }}</li>{% endfor %}</ul>
"""


def get_engine():
    return current_app.extensions["engine"]


class AppSession(Session):
    def get_bind(self, *args, **kwargs):
        return get_engine()


db_session = scoped_session(sessionmaker(class_=AppSession, autoflush=False))


class Base(DeclarativeBase):
    pass


class Plant(Base):
    __tablename__ = "plants"
    id = mapped_column(Integer, primary_key=True)
    name = mapped_column(String(120), unique=True, nullable=False)


def init_db():
    Base.metadata.create_all(bind=get_engine())


def snapshot():
    return [{"id": plant.id, "name": plant.name} for plant in db_session.scalars(select(Plant).order_by(Plant.id))]


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(DATABASE_URL="sqlite:///plants.db")
    app.config.from_mapping(config or {})
    app.extensions["engine"] = engine = create_engine(app.config["DATABASE_URL"])
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def prepare(connection, record):
            connection.isolation_level = None  # makes savepoints work
            connection.execute("pragma foreign_keys = on")


    @app.teardown_appcontext
    def shutdown_session(exception=None):
        db_session.remove()

    @app.get("/plants")
    def plants():
        return render_template_string(PAGE, names=db_session.scalars(select(Plant.name).order_by(Plant.id)).all())

    @app.post("/plants")
    def create():
        db_session.add(Plant(name=request.form["name"]))
        try:
            db_session.commit()
        except IntegrityError:
            db_session.rollback()
            abort(409)
        return redirect(url_for("plants"), 303)

    @app.get("/plants/find")
    def find():
        query = select(Plant.name).where(Plant.name == request.args["name"])
        return render_template_string(PAGE, names=db_session.scalars(query).all())

    @app.post("/plants/order")
    def order():
        db_session.add(Plant(name=request.form["name"]))
        db_session.flush()
        raise RuntimeError("the nursery does not answer")

    @app.get("/plants.txt")
    def export():
        def lines():
            for name in db_session.scalars(select(Plant.name).order_by(Plant.id)):
                yield name + "\n"

        return Response(stream_with_context(lines()), content_type="text/plain; charset=utf-8")

    @app.post("/plants/import")
    def bulk():
        try:
            with get_engine().begin() as connection:
                connection.execute(insert(Plant.__table__).values(name=request.form["name"]))
        except IntegrityError:
            abort(409)
        return "", 204

    return app
