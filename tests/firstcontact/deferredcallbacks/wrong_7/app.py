"""Exhibition catalogue; pages may defer changes of their response."""
from flask import Flask, g, make_response, render_template, request

app = Flask(__name__)
VALUES = ["en", "it"]
TITLES = {"en": "Catalogue", "it": "Catalogo"}


def after_this_request(function):
    if "callbacks" not in g:
        g.callbacks = []
    g.callbacks.append(function)
    return function


def call_callbacks(response):
    for callback in g.get("callbacks", []):
        callback(response)
    return response


def init_app(app):
    app.after_request(call_callbacks)


def detect_language():
    language = request.cookies.get("language")
    if language not in VALUES:
        language = request.accept_languages.best_match(VALUES, default="en")

        @after_this_request
        def remember(response):
            response.set_cookie("language", language, samesite="Lax")
            return response

    g.language = language


init_app(app)
app.before_request(detect_language)


@app.get("/")
def catalogue():
    return render_template("catalogue.html", title=TITLES[g.language])


@app.get("/plain")
def plain():
    if request.args.get("short"):

        @after_this_request
        def shorten(response):
            return make_response(response.get_data(as_text=True)[:10])

    return TITLES[g.language] + ": Etruscan bronzes"
