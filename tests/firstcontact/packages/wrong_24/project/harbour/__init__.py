from flask import Flask, jsonify
from werkzeug.exceptions import HTTPException


def create_app():
    app = Flask(__name__)

    from harbour import berths, pages

    app.register_blueprint(pages.bp)
    app.register_blueprint(berths.bp)

    @app.errorhandler(HTTPException)
    def problem(error):
        response = jsonify(title=error.name, status=error.code)
        response.mimetype = "application/problem+json"
        return response, error.code

    return app
