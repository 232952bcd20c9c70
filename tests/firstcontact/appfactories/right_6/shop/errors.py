from flask import jsonify
from werkzeug.exceptions import HTTPException


def init_app(app):
    @app.errorhandler(HTTPException)
    def problem(error):
        response = jsonify(title=error.name, status=error.code)
        response.status_code = error.code
        response.mimetype = "application/problem+json"
        return response
