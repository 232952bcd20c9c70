from flask import Blueprint, Flask, request
from flask_caching import Cache
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from museum.late import Late

cache = Cache(config={"CACHE_TYPE": "SimpleCache"})

visitors = Blueprint("visitors", "museum", url_prefix="/<any(en,es):lang>")
visitors.add_url_rule("/", view_func=Late("museum.visitors.rooms.index"))
visitors.add_url_rule("/room/<int:number>", view_func=Late("museum.visitors.rooms.room"))
visitors.add_url_rule("/tickets", view_func=Late("museum.visitors.tickets.index"), endpoint="tickets")


@visitors.url_value_preprocessor
def pull_language(endpoint, values):
    request.lang = values.pop("lang", "en")


@visitors.url_defaults
def add_language(endpoint, values):
    values.setdefault("lang", getattr(request, "lang", "en"))


def create_app():
    app = Flask("museum")
    cache.init_app(app)
    app.register_blueprint(visitors)
    app.add_url_rule("/catalogue.csv", view_func=cache.cached(30)(Late("museum.exports.catalogue")))
    app.wsgi_app = DispatcherMiddleware(NotFound(), {"/museum": app.wsgi_app})
    return app
