"""Async views: they wait for what they need, and hand a plain generator to the server."""
import asyncio
import csv
import io
from itertools import count

from flask import Flask, Response, request, session, stream_with_context
from markupsafe import Markup, escape


async def permission():
    await asyncio.sleep(0)
    return True


def readings():
    for n in count():
        if n == 50_000:
            return
        yield n, 20 + n % 7, "°C"


def as_csv(rows):
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow(row)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def create_app(config=None):
    app = Flask(__name__)
    app.secret_key = "not secret"
    app.config.update(config or {})

    @app.get("/readings")
    async def table():
        await permission()
        return Response(as_csv(readings()), mimetype="text/csv", headers={"Content-Disposition": "attachment; filename=readings.csv"})

    @app.get("/who")
    async def who():
        await permission()

        def page():
            yield "<!doctype html><title>Who?</title>"
            yield Markup("<p title='{0}'>{0}</p>").format(request.args.get("who", ""))

        return stream_with_context(page())

    @app.get("/me")
    async def me():
        await permission()
        session.accessed = True  # the generator runs after the headers are made

        @stream_with_context
        def page():
            yield "<p>You are "
            yield escape(session.get("user", "nobody"))

        return Response(page(), headers={"Cache-Control": "private, max-age=5", "Vary": "Cookie"})

    @app.get("/forever")
    async def forever():
        await permission()
        return Response((f"{n}\n" for n in count()), mimetype="text/plain")

    return app
