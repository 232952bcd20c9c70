"""Handing in homework."""
import os
import uuid
from pathlib import Path

from flask import Flask, flash, redirect, render_template, request, send_from_directory, url_for
from flask.views import MethodView
from werkzeug.utils import secure_filename


class Homework(MethodView):
    kinds = ("txt", "pdf", "md")

    def __init__(self, app):
        self.folder = Path(app.config["HOMEWORK"])

    def get(self):
        return render_template("homework.html")

    def post(self):
        if "work" not in request.files or not request.files["work"].filename:
            flash("You forgot the file.")
            return redirect(url_for("homework"), 303)
        work = request.files["work"]
        if not work.filename.lower().endswith(self.kinds):
            flash("Text, Markdown or PDF, please.")
            return redirect(url_for("homework"), 303)
        name = secure_filename(f"{uuid.uuid4().hex[:12]}-{work.filename[-100:]}")
        self.folder.mkdir(parents=True, exist_ok=True)
        work.save(self.folder / name)
        return redirect(url_for("work", name=name), 303)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(
        SECRET_KEY=os.environ.get("SECRET_KEY", "school-dev"),
        HOMEWORK=os.path.join(app.instance_path, "homework"),
        MAX_CONTENT_LENGTH=1_000_000,
    )
    app.config.from_mapping(config or {})
    app.add_url_rule("/", view_func=Homework.as_view("homework", app))

    @app.get("/works/<name>")
    def work(name):
        response = send_from_directory(app.config["HOMEWORK"], name)
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return app
