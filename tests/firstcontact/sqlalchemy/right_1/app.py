"""Flask-SQLAlchemy with async views and JSON."""
import asyncio

from flask import Flask, Response, jsonify, request, stream_with_context
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base, session_options={"autoflush": False})


class Song(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    heading: Mapped[str] = mapped_column(db.Text, unique=True)
    seconds: Mapped[int] = mapped_column(default=0)


def asdict(song):
    return {"id": song.id, "heading": song.heading, "seconds": song.seconds}


def snapshot():
    return [asdict(song) for song in db.session.scalars(db.select(Song))]


def create_app(config=None):
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///songs.db"
    app.config.update(config or {})
    db.init_app(app)

    @app.get("/songs")
    async def index():
        await asyncio.sleep(0)
        return jsonify(songs=[asdict(song) for song in db.session.scalars(db.select(Song).order_by(Song.id))])

    @app.post("/songs")
    async def add():
        song = Song(heading=request.form["song"], seconds=request.form.get("seconds", 0, type=int))
        db.session.add(song)
        await asyncio.sleep(0)
        try:
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            return {"error": "there is one already"}, 422
        return asdict(song), 201

    @app.get("/songs/search")
    async def search():
        songs = await asyncio.gather(one(request.args["song"]))
        return {"songs": [asdict(song) for song in songs if song]}

    async def one(heading):
        return db.session.scalar(db.select(Song).filter_by(heading=heading))

    @app.post("/songs/broken")
    async def broken():
        db.session.add(Song(heading=request.form["song"]))
        db.session.flush()
        async with asyncio.timeout(0.01):
            await asyncio.Event().wait()
        db.session.commit()
        return {}, 201

    @app.get("/songs.ndjson")
    def stream():
        @stream_with_context
        def generate():
            for song in db.session.scalars(db.select(Song).execution_options(yield_per=10)):
                yield app.json.dumps(asdict(song)) + "\n"

        return Response(generate(), mimetype="application/x-ndjson")

    return app


def init_db():
    db.create_all()
