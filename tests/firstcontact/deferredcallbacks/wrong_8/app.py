"""Regional news; the region's language is guessed once and can be changed."""
from flask import Flask, after_this_request, g, redirect, render_template, request, url_for

LANGUAGES = ["en", "cy"]
HEADLINES = {"en": "Rain again", "cy": "Glaw eto"}


def detect_user_language():
    language = request.accept_languages.best_match(LANGUAGES)
    if language is None:
        language = request.cookies.get("user_lang")
    if language not in LANGUAGES:
        language = "en"
    g.language = language
    if request.cookies.get("user_lang") != language and request.endpoint != "choose":

        @after_this_request
        def remember_language(response):
            response.set_cookie("user_lang", language, samesite="Lax")
            return response


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.before_request(detect_user_language)

    @app.get("/")
    def news():
        return render_template("news.html", headline=HEADLINES[g.language], languages=LANGUAGES)

    @app.post("/language")
    def choose():
        response = redirect(url_for("news"), 303)
        if request.form.get("language") in LANGUAGES:
            response.set_cookie("user_lang", request.form["language"], samesite="Lax")
        return response

    return app
