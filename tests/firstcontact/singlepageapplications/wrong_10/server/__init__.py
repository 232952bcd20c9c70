from pathlib import Path

from flask import Flask, jsonify, request
from werkzeug.exceptions import HTTPException

from . import api

WEB = Path(__file__).parent / "web"


def create_app():
    app = Flask(__name__, static_folder=str(WEB), static_url_path="/web")
    app.register_blueprint(api.bp, url_prefix="/api")

    @app.get("/")
    def index():
        response = app.send_static_file("index.html")
        response.cache_control.no_cache = True
        return response

    @app.errorhandler(HTTPException)
    def error_page(error):
        if request.path.startswith("/api/"):
            return jsonify(error=error.name, message=error.description), error.code
        if request.path.startswith("/web/"):
            return error
        # The front end has its own router and its own "not found" page.
        response = app.send_static_file("index.html")
        response.status_code = error.code
        response.cache_control.no_cache = True
        return response

    return app
