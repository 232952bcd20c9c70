"""Timetable of a swimming pool in two languages."""
from flask import Flask, after_this_request, g, render_template, request

WORDS = {"en": "Open today", "de": "Heute geöffnet"}


def detect_user_language():
    language = request.cookies.get("user_lang")
    if language in WORDS:
        return set_language(language)

    language = request.accept_languages.best_match(list(WORDS), "en")

    @after_this_request
    def remember_language(response):
        response.set_cookie("user_lang", language, samesite="Lax")
        return response

    set_language(language)


def set_language(language):
    g.language = language
    return language


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.before_request(detect_user_language)

    @app.get("/")
    def today():
        return render_template("today.html", words=WORDS[g.language])

    @app.get("/lanes/<int:lane>")
    def lane(lane):
        return {"lane": lane, "free": lane % 2 == 0}

    return app
