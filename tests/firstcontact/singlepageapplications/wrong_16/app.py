"""Task board, made to be mounted anywhere: /, /tasks, /team/a/tasks ..."""
from flask import Blueprint, Flask, jsonify, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.middleware.proxy_fix import ProxyFix

api = Blueprint("api", __name__, url_prefix="/api")
TASKS = [{"id": 1, "title": "Water the plants"}, {"id": 2, "title": "Call Ada"}]


@api.get("/tasks")
def tasks():
    return jsonify([t | {"url": url_for(".task", id=t["id"])} for t in TASKS])


@api.get("/tasks/<int:id>")
def task(id):
    for t in TASKS:
        if t["id"] == id:
            return jsonify(t)
    raise NotFound()


@api.errorhandler(NotFound)
def not_found(error):
    return jsonify(error="not found"), 404


@api.route("/", defaults={"path": ""})
@api.route("/<path:path>", methods=["GET", "POST", "PUT", "DELETE"])
def no_such_endpoint(path):
    raise NotFound()


def create_app(config=None):
    app = Flask(__name__, static_folder="static", static_url_path="/static")
    app.config.from_mapping(VERSION="2.4.1")
    app.config.from_mapping(config or {})
    app.wsgi_app = ProxyFix(app.wsgi_app, x_prefix=1)
    app.register_blueprint(api)

    @app.route("/", defaults={"path": ""})
    @app.route("/<path:path>")
    def board(path):
        return render_template("board.html")

    return app
