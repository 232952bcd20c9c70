"""Nested blueprints; the pages are streams of one template, buffered by five expressions."""
from flask import Blueprint, Flask, current_app, render_template_string, request, session, stream_template, stream_with_context
from jinja2 import DictLoader
from markupsafe import escape

site = Blueprint("site", __name__, url_prefix="/site")
pages = Blueprint("pages", __name__, url_prefix="/pages")

LOADER = DictLoader({
    "frame.html": "<!doctype html><html lang=fr><main>{% block main %}{% endblock %}</main></html>",
    "hello.html": (
        "{% extends 'frame.html' %}{% macro twice(text) %}<b>{{ text }}</b><i>{{ text }}</i>{% endmacro %}"
        "{% block main %}<p>Bonjour {{ twice(request.args.get('nom', '')) }}</p>"
        "{% for n in range(200) %}<p>{{ loop.index }}</p>{% endfor %}{% endblock %}"
    ),
    "account.html": (
        "{% extends 'frame.html' %}{% block main %}{% for n in range(20) %}<p>{{ n }}</p>{% endfor %}"
        "<p>{{ user }}</p>{% endblock %}"
    ),
})


@pages.get("/bonjour")
def bonjour():
    return stream_template("hello.html")


@pages.get("/tampon")
def tampon():
    """The same, by Jinja itself: fewer, larger chunks."""
    context = {"request": request._get_current_object()}
    stream = current_app.jinja_env.get_template("hello.html").stream(context)
    stream.enable_buffering(5)
    return stream_with_context(stream)


@pages.get("/compte")
def compte():
    return stream_template("account.html", user=session.get("user", "personne"))


@pages.get("/salut")
@stream_with_context
def salut():
    yield "<!doctype html><title>Salut</title>"
    for part in ("Salut ", request.args.get("nom", ""), "\u00a0!"):
        yield str(escape(part))


@pages.get("/bavard")
@stream_with_context
def bavard():
    yield "<!doctype html>"
    yield render_template_string("<title>{{ request.args.nom }}</title>")
    for number in range(1_000_000):
        yield f"<p>{number}</p>"


@pages.after_request
def headers(response):
    response.vary.add("Cookie")
    response.headers.setdefault("X-Accel-Buffering", "no")
    return response


site.register_blueprint(pages)


def create_app(config=None):
    app = Flask(__name__)
    app.config.update({"SECRET_KEY": "clé"}, **(config or {}))
    app.jinja_loader = LOADER
    app.register_blueprint(site)
    return app
