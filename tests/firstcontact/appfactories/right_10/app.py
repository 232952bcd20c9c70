"""Plain text under a prefix, with nested blueprints, a factory object and a middleware."""
from flask import Blueprint, Flask, current_app, stream_with_context
from werkzeug.utils import import_string

bulletin = Blueprint("bulletin", __name__, url_prefix="/bulletin")
site = Blueprint("site", __name__)


@bulletin.get("/today")
def today():
    def lines():
        yield f"== {current_app.config['STATION_CALL']} ==\n"
        for number in range(1, 4):
            yield f"{number}. Rien de nouveau.\n"

    return current_app.response_class(stream_with_context(lines()), mimetype="text/plain", status=203)


@site.get("/ping")
def ping():
    return "", 204


site.register_blueprint(bulletin)


class Jingle:
    """An extension with a service object for each app."""

    def init_app(self, app):
        app.extensions["jingle"] = (app.config["STATION_CALL"] + "! ") * 3

    def play(self):
        return current_app.extensions["jingle"].strip()


jingle = Jingle()


class Prefix:
    """WSGI middleware: the app lives below a prefix; all else is not found."""

    def __init__(self, wsgi_app, prefix):
        self.wsgi_app, self.prefix = wsgi_app, prefix

    def __call__(self, environ, start_response):
        path = environ.get("PATH_INFO", "")
        if path != self.prefix and not path.startswith(self.prefix + "/"):
            start_response("404 Not Found", [("Content-Type", "text/plain"), ("Content-Length", "0")])
            return [b""]
        environ = {**environ, "SCRIPT_NAME": environ.get("SCRIPT_NAME", "") + self.prefix,
                   "PATH_INFO": path[len(self.prefix):]}
        return self.wsgi_app(environ, start_response)


class Factory:
    steps = ("app:configure_parts",)

    def __call__(self, config_object=None):
        app = Flask(__name__, static_folder=None, template_folder=None)
        app.config.from_mapping(STATION_CALL="RADIO NORD", PREFIX="/radio")
        if isinstance(config_object, dict):
            app.config.from_mapping(config_object)
        elif config_object is not None:
            app.config.from_object(config_object)
        for step in self.steps:
            import_string(step)(app)
        return app


def configure_parts(app):
    jingle.init_app(app)
    app.register_blueprint(site)
    app.wsgi_app = Prefix(app.wsgi_app, app.config["PREFIX"])


create_app = Factory()
