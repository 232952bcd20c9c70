"""Court documents, kept in SQLite; the original name comes back with the download."""
import os
import secrets
import sqlite3
from contextlib import closing
from io import BytesIO

from flask import Flask, abort, current_app, render_template, request, send_file, url_for

SCHEMA = "create table if not exists document (token text primary key, name text not null, type text not null, body blob not null)"
TYPES = {"txt": "text/plain", "pdf": "application/pdf", "rtf": "application/rtf"}


def connect():
    db = sqlite3.connect(current_app.config["DATABASE"], timeout=10)
    db.execute(SCHEMA)
    return db


def plain(filename):
    last = filename.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[-150:]


def create_app(config=None):
    app = Flask(__name__, instance_relative_config=True)
    app.config.from_mapping(DATABASE=os.path.join(app.instance_path, "court.db"), MAX_CONTENT_LENGTH=1_500_000)
    app.config.from_mapping(config or {})
    os.makedirs(os.path.dirname(app.config["DATABASE"]), exist_ok=True)

    @app.get("/documents")
    def form():
        return render_template("form.html")

    @app.post("/documents")
    def file_document():
        upload = request.files.get("document")
        if not upload or not upload.filename:
            return render_template("form.html", note="Please choose a document."), 400
        name = plain(upload.filename)
        kind = name.rpartition(".")[2].lower() if "." in name else ""
        if kind not in TYPES:
            return render_template("form.html", note="The court takes txt, pdf and rtf."), 415
        token = secrets.token_urlsafe(24)
        with closing(connect()) as db, db:
            db.execute("insert into document values (?, ?, ?, ?)", (token, name, TYPES[kind], upload.read()))
        where = url_for("document", token=token)
        return render_template("filed.html", where=where, name=name), 201, {"Location": where}

    @app.get("/documents/<token>")
    def document(token):
        with closing(connect()) as db:
            row = db.execute("select name, type, body from document where token = ?", (token,)).fetchone()
        if row is None:
            abort(404)
        name, kind, body = row
        response = send_file(BytesIO(body), mimetype=kind, as_attachment=True, download_name=name)
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return app
