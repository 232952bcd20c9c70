"""Information desk of a station in three languages."""
from flask import Flask, after_this_request, g, render_template, request

LANGUAGES = ["en", "de", "fr"]
TEXTS = {
    "en": {"title": "Information", "next": "Next train"},
    "de": {"title": "Auskunft", "next": "Nächster Zug"},
    "fr": {"title": "Renseignements", "next": "Prochain train"},
}


def guess_language():
    return request.accept_languages.best_match(LANGUAGES, default="en")


def detect_user_language():
    language = request.cookies.get("user_lang")
    if language not in LANGUAGES:
        language = guess_language()

        @after_this_request
        def remember_language(response):
            response.set_cookie("user_lang", language, max_age=60 * 60 * 24 * 365, samesite="Lax")

    g.language = language


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.before_request(detect_user_language)

    @app.get("/")
    def desk():
        return render_template("desk.html", texts=TEXTS[g.language])

    @app.get("/trains")
    def trains():
        return {"language": g.language, "label": TEXTS[g.language]["next"], "trains": ["8:04", "8:34"]}

    return app
