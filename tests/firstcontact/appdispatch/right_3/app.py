"""A hotel's sites in one process: Flask apps and a plain WSGI application."""
from flask import Flask, redirect, render_template, request, session, url_for
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Request, Response


def create_reception(config):
    reception = Flask("app")
    reception.config.from_mapping(
        SECRET_KEY="only-for-trying", SESSION_COOKIE_NAME="reception", SESSION_COOKIE_PATH="/reception"
    )
    reception.config.from_mapping(config)

    @reception.get("/")
    def desk():
        session["visits"] = session.get("visits", 0) + 1
        return render_template("page.html", title="Reception", link=url_for("keys"))

    @reception.get("/keys")
    def keys():
        return {"free": [101, 204]}

    return reception


def create_spa():
    spa = Flask("app")

    @spa.get("/")
    def welcome():
        return render_template("page.html", title="Spa", link=url_for("towels"))

    @spa.get("/towels")
    def towels():
        return {"towels": 12}

    return spa


@Request.application
def weather(request):
    if request.path not in ("/", ""):
        return Response("There is only one page here.", 404)
    return Response(f"Sunny at {request.root_path}", mimetype="text/plain")


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})

    @app.get("/")
    def lobby():
        return render_template("page.html", title="Hotel", link=request.script_root + "/reception/")

    @app.get("/spa-prices")
    def prices():
        return redirect(request.script_root + "/spa/towels", 303)

    app.wsgi_app = DispatcherMiddleware(
        app.wsgi_app,
        {"/reception": create_reception(config or {}), "/spa": create_spa(), "/spa/weather": weather},
    )
    return app
