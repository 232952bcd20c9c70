"""The docs' thread-local session, but everything in one class; nobody but the class knows SQLAlchemy."""
import click
from flask.cli import with_appcontext
from flask import Flask, Response, abort, current_app, jsonify, request
from sqlalchemy import LargeBinary, Text, TypeDecorator, create_engine, event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, scoped_session, sessionmaker


class Compressed(TypeDecorator):
    """UTF-8 bytes in the database, so that every character (a zero byte, a half pair) is kept."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return None if value is None else value.encode("utf-8", "surrogatepass")

    def process_result_value(self, value, dialect):
        return None if value is None else value.decode("utf-8", "surrogatepass")


class Model(DeclarativeBase):
    pass


class Line(Model):
    __tablename__ = "lines"
    id: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[str] = mapped_column(Compressed, unique=True)
    kind: Mapped[str] = mapped_column(Text, default="plain", server_default="plain")


class Database:
    def __init__(self):
        database = self

        class Routed(Session):
            def get_bind(self, *args, **kwargs):
                return database.engine

        self.session = scoped_session(sessionmaker(class_=Routed))

    def init_app(self, app):
        engine = create_engine(app.config["DB"], connect_args={"timeout": 20} if app.config["DB"].startswith("sqlite") else {})
        if engine.dialect.name == "sqlite":
            # the recipe of SQLAlchemy's documentation, whole: transactions that begin at once
            @event.listens_for(engine, "connect")
            def connected(connection, record):
                connection.isolation_level = None
                connection.execute("pragma journal_mode = wal")

            @event.listens_for(engine, "begin")
            def begins(connection):
                connection.exec_driver_sql("begin")

        app.extensions["database"] = engine
        app.teardown_appcontext(lambda exception: self.session.remove())
        app.cli.add_command(click.Command("init-db", callback=with_appcontext(self.create)))

    @property
    def engine(self):
        return current_app.extensions["database"]

    def create(self):
        Model.metadata.create_all(self.engine)

    def contents(self):
        return list(self.session.scalars(select(Line.content).order_by(Line.id)))

    def write(self, content):
        self.session.add(Line(content=content))
        self.session.flush()


store = Database()
db_session = store.session


def init_db():
    store.create()


def create_app(config=None):
    app = Flask(__name__)
    app.config["DB"] = "sqlite:///lines.db"
    app.config.from_mapping(config)
    store.init_app(app)

    @app.route("/lines", methods=["GET", "POST"])
    def lines():
        if request.method == "POST":
            try:
                store.write(request.form["content"])
                db_session.commit()
            except IntegrityError:
                db_session.rollback()
                abort(409)
            return jsonify(store.contents()), 200
        return jsonify(store.contents())

    @app.route("/lines/is")
    def is_there():
        found = db_session.scalars(select(Line.content).where(Line.content == request.args["content"])).all()
        return jsonify(found)

    @app.route("/lines/abort", methods=["POST"])
    def half():
        store.write(request.form["content"])
        abort(Response("stopped", 418))

    @app.route("/lines/stream")
    def stream():
        contents = store.contents()  # all of them, before the context ends
        return Response((content + "\n" for content in contents), content_type="text/plain; charset=utf-8")

    @app.route("/lines/core", methods=["POST"])
    def core():
        with store.engine.connect() as connection:
            try:
                connection.execute(Line.__table__.insert(), {"content": request.form["content"]})
            except IntegrityError:
                abort(409)
            connection.commit()
        return "ok"

    return app
