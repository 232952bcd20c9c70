import asyncio
import sqlite3

from flask import Flask, current_app, g, jsonify, request, stream_with_context

SCHEMA = "create table if not exists message (id integer primary key, text text not null) strict"


def get_db():
    if "_database" not in g:
        # async views run in another thread than the teardown; each connection is
        # still used by one request alone, by one thread at a time
        g._database = sqlite3.connect(current_app.config["DATABASE"], check_same_thread=False)
        g._database.row_factory = sqlite3.Row
    return g._database


def query_db(query, args=(), one=False):
    rows = get_db().execute(query, args).fetchall()
    return next(iter(rows), None) if one else rows


def init_db():
    get_db().execute(SCHEMA)
    get_db().commit()


def create_app(config=None):
    app = Flask(__name__)
    app.config["DATABASE"] = "messages.db"
    app.config.update(config or {})

    @app.teardown_appcontext
    def close(exception):
        if "_database" in g:
            g.pop("_database").close()

    @app.get("/ping")
    async def ping():
        await asyncio.sleep(0)
        return {"pong": True}

    @app.get("/messages")
    async def messages():
        await asyncio.sleep(0)
        return jsonify([dict(row) for row in query_db("select id, text from message order by id")])

    @app.post("/messages")
    async def send():
        db = get_db()
        cur = db.execute("insert into message (text) values (?)", [request.form["text"]])
        await asyncio.sleep(0)
        db.commit()
        return {"id": cur.lastrowid, "text": request.form["text"]}, 201

    @app.get("/messages/exactly")
    async def exactly():
        return jsonify([dict(row) for row in query_db("select id, text from message where text = ?", [request.args["text"]])])

    @app.post("/messages/lost")
    async def lost():
        get_db().execute("insert into message (text) values (?)", [request.form["text"]])
        await asyncio.wait_for(asyncio.Event().wait(), 0.01)  # TimeoutError
        return {}, 201

    @app.get("/messages.ndjson")
    def stream():
        @stream_with_context
        def generate():
            for row in get_db().execute("select id, text from message order by id"):
                yield app.json.dumps(dict(row)) + "\n"

        return generate(), {"Content-Type": "application/x-ndjson"}

    return app
