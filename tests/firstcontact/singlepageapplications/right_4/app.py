"""A radio's play list: static folder and catch-all, with an API of its own prefix and version."""
from flask import Blueprint, Flask, abort, jsonify

TRACKS = ["Ágætis byrjun", "So What", "Für Elise"]
v1 = Blueprint("v1", __name__)


@v1.errorhandler(404)
def v1_missing(error):
    return jsonify(error="not found"), 404


@v1.get("/tracks")
def tracks():
    return jsonify({"tracks": TRACKS})


@v1.get("/tracks/<int:number>")
def track(number):
    if not 0 < number <= len(TRACKS):
        abort(404)
    return jsonify({"track": TRACKS[number - 1]})


@v1.get("/")
@v1.get("/<path:rest>")
def v1_other(rest=None):
    abort(404)


app = Flask(__name__, static_folder="public", static_url_path="/_")
app.register_blueprint(v1, url_prefix="/api/v1")


@app.route("/api/")
@app.route("/api/<path:rest>")
def old_versions(rest=None):
    return jsonify(error="There is only /api/v1/."), 404


@app.route("/", defaults={"page": None})
@app.route("/<path:page>")
def player(page):
    response = app.send_static_file("player.html")
    response.headers["Content-Security-Policy"] = "default-src 'self'"
    return response
