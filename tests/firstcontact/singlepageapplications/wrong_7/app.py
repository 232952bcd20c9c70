"""A reading list: unknown paths are the client's affair."""
from flask import Flask, json, jsonify, request
from werkzeug.exceptions import HTTPException

BOOKS = {1: "Emma", 2: "Effi Briest"}


def create_app(config=None):
    app = Flask(__name__, static_folder="app", static_url_path="/app")
    app.config.from_mapping(config or {})

    @app.get("/")
    def index():
        return app.send_static_file("index.html")

    @app.get("/api/books")
    def books():
        return jsonify([{"id": id, "title": title} for id, title in BOOKS.items()])

    @app.get("/api/books/<int:id>")
    def book(id):
        if id not in BOOKS:
            return jsonify(error="not found"), 404
        return jsonify(id=id, title=BOOKS[id])

    @app.errorhandler(HTTPException)
    def problem(error):
        if request.path.startswith(("/api/", "/app/")):
            response = error.get_response()
            response.data = json.dumps({"error": error.name})
            response.content_type = "application/json"
            return response
        if error.code == 404:
            return app.send_static_file("index.html"), 404
        return error

    return app
