"""A theatre group: stages by subdomain and by path, and its archive mounted below /archive."""
from concurrent.futures import Future
from threading import Lock

from flask import Flask, current_app, jsonify, url_for
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

STAGES = {"main": "Main stage", "studio": "Studio"}


class Registry:
    """First comer creates, all others wait for the result of the first."""

    def __init__(self, create):
        self.create = create
        self.lock = Lock()
        self.futures = {}

    def __getitem__(self, key):
        with self.lock:
            future = self.futures.get(key)
            mine = future is None
            if mine:
                future = self.futures[key] = Future()
        if mine:
            try:
                value = self.create(key)
            except BaseException as error:
                del self.futures[key]
                future.set_exception(error)
                raise
            if value is None or isinstance(value, NotFound):
                del self.futures[key]
            future.set_result(value)
        return future.result()


def subdomains(domain, create_app):
    registry = Registry(create_app)

    def application(environ, start_response):
        host = environ.get("HTTP_HOST") or environ["SERVER_NAME"]
        name = host.partition(":")[0].lower()
        head, found, tail = name.rpartition(domain)
        if not found or tail or (head and not head.endswith(".")):
            return NotFound()(environ, start_response)
        return registry[head.rstrip(".")](environ, start_response)

    return application


def create_stage(key):
    if key not in STAGES:
        return NotFound()
    stage = Flask(__name__)
    stage.config.update(STAGE=STAGES[key])

    @stage.get("/")
    def plays():
        return jsonify(stage=current_app.config["STAGE"], tickets=url_for("tickets"))

    @stage.get("/tickets")
    def tickets():
        return jsonify(left=7)

    return stage


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    archive = Flask("archive")
    archive.add_url_rule("/<int:year>", "year", lambda year: {"year": year, "url": url_for("year", year=year)})

    @app.get("/")
    def group():
        return {"stages": list(STAGES)}

    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/archive": archive.wsgi_app})
    return app


application = subdomains("theatre.example", create_stage)
