"""Sample archive of a lab, as a JSON API; the content has to fit the extension."""
import os
import secrets

from flask import Flask, current_app, jsonify, request, send_from_directory, url_for
from flask.views import MethodView
from werkzeug.exceptions import HTTPException

MAGIC = {"png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-", "gif": b"GIF8"}


class Samples(MethodView):
    init_every_request = False

    def post(self):
        part = request.files.get("sample")
        if part is None or part.filename == "":
            return jsonify(error="The field “sample” has no file."), 422
        kind = part.filename.rpartition(".")[2].lower() if "." in part.filename else ""
        if kind not in MAGIC:
            return jsonify(error="Allowed: " + ", ".join(sorted(MAGIC))), 415
        if part.stream.read(len(MAGIC[kind])) != MAGIC[kind]:
            return jsonify(error=f"This is not a {kind} file."), 415
        part.stream.seek(0)
        name = f"{secrets.token_urlsafe(16)}.{kind}"
        folder = current_app.config["SAMPLE_FOLDER"]
        os.makedirs(folder, exist_ok=True)
        part.save(os.path.join(folder, name))
        where = url_for("sample", name=name)
        return jsonify(href=where, name=name), 201, {"Location": where}


class Sample(MethodView):
    init_every_request = False

    def get(self, name):
        answer = send_from_directory(current_app.config["SAMPLE_FOLDER"], name, as_attachment=True)
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Content-Security-Policy"] = "sandbox"
        return answer


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SAMPLE_FOLDER=os.path.join(app.instance_path, "samples"), MAX_CONTENT_LENGTH=512 * 1024)
    app.config.from_mapping(config or {})
    app.add_url_rule("/api/samples", view_func=Samples.as_view("samples"))
    app.add_url_rule("/api/samples/<name>", view_func=Sample.as_view("sample"))

    @app.errorhandler(HTTPException)
    def as_json(error):
        return jsonify(error=error.description), error.code

    return app
