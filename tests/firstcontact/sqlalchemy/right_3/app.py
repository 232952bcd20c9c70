"""No ORM and no session: tables that are read from the database, and transactions of connections."""
import json

from flask import Blueprint, Flask, current_app, request
from sqlalchemy import Column, Integer, MetaData, Table, Unicode, bindparam, create_engine, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import NullPool

metadata = MetaData()
words = Table("words", metadata, Column("id", Integer, primary_key=True), Column("word", Unicode, unique=True, nullable=False), sqlite_autoincrement=True)

bp = Blueprint("words", __name__, url_prefix="/words")
outer = Blueprint("v2", __name__, url_prefix="/v2")


def engine():
    return current_app.extensions["sqlalchemy.engine"]


def init_db():
    metadata.create_all(engine())


def snapshot():
    with engine().connect() as connection:
        return connection.execute(select(words.c.word).order_by(words.c.word)).scalars().all()


@bp.errorhandler(IntegrityError)
def double(error):
    return json.dumps({"error": "double"}), 409, {"Content-Type": "application/json"}


@bp.get("/")
def index():
    reflected = Table("words", MetaData(), autoload_with=engine())
    with engine().connect() as connection:
        rows = connection.execute(reflected.select()).mappings().all()
    return json.dumps([dict(row) for row in rows], ensure_ascii=False), 200, {"Content-Type": "application/json"}


@bp.post("/")
def add():
    with engine().begin() as connection:
        row = connection.execute(insert(words).values(word=request.form["w"]).returning(words.c.id)).one()
    return str(row.id), 201, {"Content-Type": "text/plain"}


@bp.get("/exact")
def exact():
    with engine().connect() as connection:
        rows = connection.execute(text("select word from words where word = :w").bindparams(w=request.args["w"])).scalars().all()
    return json.dumps(rows), 200, {"Content-Type": "application/json"}


@bp.post("/half")
def half():
    with engine().begin() as connection:
        connection.execute(insert(words), [{"word": request.form["w"]}])
        connection.execute(words.update().where(words.c.id == bindparam("key")).values(word=None), {"key": -1})
        connection.execute(text("select * from no_such_table"))
    return "", 204


@bp.get("/all")
def stream():
    connection = engine().connect()
    try:
        result = connection.execution_options(stream_results=True).execute(select(words.c.word).order_by(words.c.id))
    except BaseException:
        connection.close()
        raise
    response = current_app.response_class((word + "\n" for word in result.scalars()), content_type="text/plain; charset=utf-8")
    response.call_on_close(connection.close)
    return response


outer.register_blueprint(bp)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(ENGINE="sqlite://")
    app.config.from_mapping(config or {})
    app.extensions["sqlalchemy.engine"] = create_engine(app.config["ENGINE"], poolclass=NullPool)
    app.register_blueprint(outer)
    return app
