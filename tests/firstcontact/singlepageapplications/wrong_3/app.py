"""A recipe box with a front end built by a tool into frontend/."""
from flask import Flask, Response, jsonify

RECIPES = [{"id": 1, "title": "Soup"}, {"id": 2, "title": "Crêpes"}]


def create_app(config=None):
    app = Flask(__name__, static_folder="frontend/assets", static_url_path="/assets")
    app.config.from_mapping(INDEX="frontend/index.html")
    app.config.from_mapping(config or {})

    @app.get("/api/recipes")
    def recipes():
        return jsonify(RECIPES)

    @app.get("/api/heartbeat")
    def heartbeat():
        return {"status": "healthy"}

    @app.get("/api/<path:path>")
    def unknown(path):
        return {"error": f"no {path}"}, 404

    @app.get("/", defaults={"path": ""})
    @app.get("/<path:path>")
    def client(path):
        with open(app.config["INDEX"], encoding="utf-8") as file:
            return Response(file.read(), mimetype="text/html")

    return app
