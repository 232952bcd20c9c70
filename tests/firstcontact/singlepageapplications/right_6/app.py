"""Library of board games; front end as Vite builds it (hashed names below /assets)."""
from flask import Blueprint, Flask, current_app, jsonify, request, send_from_directory
from werkzeug.exceptions import HTTPException

GAMES = {"go": {"name": "Go", "players": 2}, "catan": {"name": "Catan", "players": 4}}

api = Blueprint("api", __name__, url_prefix="/api")
web = Blueprint("web", __name__)


@api.get("/games")
def games():
    return jsonify(data=[{"slug": slug} | game for slug, game in GAMES.items()])


@api.get("/games/<slug>")
def game(slug):
    if slug not in GAMES:
        return jsonify(error={"code": "no_such_game"}), 404
    return jsonify(data=GAMES[slug])


@api.route("", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@api.route("/", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@api.route("/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def no_such_endpoint(rest=""):
    return jsonify(error={"code": "no_such_endpoint"}), 404


@web.get("/assets/<path:name>")
def asset(name):
    response = send_from_directory(f"{current_app.root_path}/dist/assets", name, max_age=31536000)
    response.cache_control.immutable = True
    return response


@web.get("/", defaults={"path": ""})
@web.get("/<path:path>")
def page(path):
    response = send_from_directory(f"{current_app.root_path}/dist", "index.html")
    response.cache_control.no_cache = True
    response.headers["X-Frame-Options"] = "DENY"
    return response


def create_app(config=None):
    app = Flask(__name__, static_folder=None)
    app.config.from_mapping(config or {})
    app.register_blueprint(api)
    app.register_blueprint(web)

    @app.errorhandler(HTTPException)
    def error(e):
        if request.path.startswith("/api/"):
            return jsonify(error={"code": e.name.lower().replace(" ", "_")}), e.code
        return e

    return app
