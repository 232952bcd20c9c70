"""Meeting rooms with a client-side application."""
from flask import Blueprint, Flask, jsonify, request

api = Blueprint("api", __name__, url_prefix="/api")
ROOMS = {"blue": 4, "green": 12}


@api.get("/rooms")
def rooms():
    return jsonify([{"name": name, "seats": seats} for name, seats in ROOMS.items()])


@api.get("/status")
def status():
    return {"status": "healthy", "rooms": len(ROOMS)}


@api.post("/search")
def search():
    data = request.get_json()
    seats = data.get("seats") if isinstance(data, dict) else None
    if not isinstance(seats, int):
        return {"error": "seats missing"}, 400
    return jsonify([name for name, count in ROOMS.items() if count >= seats])


def create_app(config=None):
    app = Flask(__name__, static_folder="app", static_url_path="/app")
    app.config.from_mapping(config or {})
    app.register_blueprint(api)

    @app.get("/")
    @app.get("/<path:path>")
    def catch_all(path=""):
        return app.send_static_file("index.html")

    return app
