"""Unknown methods are refused, by a response: the middleware is a small WSGI application itself."""
from http import HTTPMethod

from flask import Blueprint, Flask, request
from werkzeug.datastructures import EnvironHeaders
from werkzeug.exceptions import BadRequest

HEADER = "X-HTTP-Method-Override"


class Override:
    unsafe = {HTTPMethod.PUT, HTTPMethod.PATCH, HTTPMethod.DELETE, HTTPMethod.POST}

    def __init__(self, wsgi_app, header=HEADER):
        self.wsgi_app = wsgi_app
        self.header = header

    def __call__(self, environ, start_response):
        asked = EnvironHeaders(environ).get(self.header)
        if environ["REQUEST_METHOD"] == HTTPMethod.POST and asked is not None and asked != "":
            if asked.upper() not in self.unsafe:
                return BadRequest(f"{self.header} may be one of PUT, PATCH, DELETE, POST.")(environ, start_response)
            environ["REQUEST_METHOD"] = str(HTTPMethod(asked.upper()))
            if environ["REQUEST_METHOD"] == HTTPMethod.DELETE:
                environ["CONTENT_LENGTH"] = "0"
        return self.wsgi_app(environ, start_response)


outer = Blueprint("outer", __name__, url_prefix="/v1")
inner = Blueprint("inner", __name__, url_prefix="/notes")


@inner.route("/<int:number>", methods=["PUT", "PATCH"])
def write(number):
    return {"number": number, "method": request.method, "text": request.form.get("text")}


@inner.delete("/<int:number>")
async def remove(number):
    return "", 204


@inner.post("/<int:number>")
def comment(number):
    return {"method": "POST", "text": request.form.get("text")}, 202


outer.register_blueprint(inner)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.register_blueprint(outer)
    app.wsgi_app = Override(app.wsgi_app)
    return app
