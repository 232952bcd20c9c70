"""A guest list; runs at the top of a host, or below a prefix behind a proxy."""
from flask import Blueprint, Flask, jsonify, render_template, request

guests = Blueprint("guests", __name__, url_prefix="/api")


@guests.get("/guests")
def listing():
    return jsonify(["Ada", "Grace", "Zoë"])


@guests.get("/status")
def status():
    return {"status": "ok", "root": request.script_root}


@guests.get("/<path:path>")
def missing(path):
    return {"error": "not found"}, 404


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.register_blueprint(guests)

    @app.get("/", defaults={"path": ""})
    @app.get("/<path:path>")
    def client(path):
        return render_template("index.html")

    return app
