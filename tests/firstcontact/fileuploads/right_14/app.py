"""Choir archive: scores are rows of a database; several files may come at once."""
import os
import re

from flask import Flask, abort, current_app, render_template_string, request, send_from_directory, url_for
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.utils import secure_filename

db = SQLAlchemy()
KINDS = ("pdf", "mid", "mscz")


class Score(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(200), nullable=False)
    stored = db.Column(db.String(250), unique=True, nullable=False)

    @property
    def url(self):
        return url_for("score", name=self.stored)


PAGE = """<!doctype html>
<html lang="es">
<title>Partituras</title>
{% for e in errors %}<p class="error">{{ e }}</p>{% endfor %}
<ul id="new">{% for s in scores %}<li><a href="{{ s.url }}" download>{{ s.title }}</a>{% endfor %}</ul>
<form action="{{ url_for('scores') }}" method="post" enctype="multipart/form-data">
<input type="file" name="partitura" multiple>
<progress max="100" value="0" hidden></progress>
<button>Subir</button>
</form>
</html>
"""


def kind(filename):
    match = re.search(r"\.(\w+)$", filename)
    return match[1].lower() if match and match[1].lower() in KINDS else None


def free_path(filename, extension):
    """A name in the folder that is not taken; created exclusively."""
    folder = os.path.abspath(current_app.config["SCORES"])
    os.makedirs(folder, exist_ok=True)
    stem = secure_filename(filename[: -len(extension) - 1])[:80] or "partitura"
    n = 0
    while True:
        name = f"{stem}-{n}.{extension}" if n else f"{stem}.{extension}"
        try:
            os.close(os.open(os.path.join(folder, name), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o640))
            return name, os.path.join(folder, name)
        except FileExistsError:
            n += 1


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(
        SQLALCHEMY_DATABASE_URI="sqlite:///:memory:",
        SCORES=os.path.join(app.instance_path, "scores"),
        MAX_CONTENT_LENGTH=5_000_000,
    )
    app.config.from_mapping(config or {})
    db.init_app(app)
    with app.app_context():
        db.create_all()
    app.wsgi_app = ProxyFix(app.wsgi_app, x_prefix=1, x_proto=1)

    @app.route("/coro/partituras", methods=["GET"])
    def scores():
        rows = db.session.scalars(select(Score).order_by(Score.title)).all()
        return render_template_string(PAGE, scores=rows, errors=[])

    @app.route("/coro/partituras", methods=["POST"])
    def add_scores():
        files = [f for f in request.files.getlist("partitura") if f.filename]
        errors = [] if files else ["No se ha elegido ningún archivo."]
        errors += [f"«{f.filename}» no es una partitura." for f in files if not kind(f.filename)]
        if errors:
            return render_template_string(PAGE, scores=[], errors=errors), 400
        rows = []
        for file in files:
            name, path = free_path(file.filename, kind(file.filename))
            file.save(path)
            old = db.session.scalar(select(Score).filter_by(stored=name))
            rows.append(old or Score(title=file.filename[:200], stored=name))
        db.session.add_all(rows)
        db.session.commit()
        return render_template_string(PAGE, scores=rows, errors=[]), 201

    @app.route("/coro/archivos/<name>")
    def score(name):
        if not db.session.scalar(select(Score).filter_by(stored=name)):
            abort(404)
        return send_from_directory(os.path.abspath(current_app.config["SCORES"]), name, as_attachment=True)

    return app
