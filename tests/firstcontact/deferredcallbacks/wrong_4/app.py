"""Travel tips, in the visitor's language."""
from flask import Blueprint, Flask, after_this_request, g, render_template, request

tips = Blueprint("tips", __name__)
LANGUAGES = ("en", "de", "es")
HELLO = {"en": "Have a nice trip", "de": "Gute Reise", "es": "Buen viaje"}


def preferred_language():
    header = request.headers.get("Accept-Language", "")
    first = header.split(",")[0].split(";")[0].strip().lower()
    language = first.split("-")[0]
    return language if language in LANGUAGES else LANGUAGES[0]


@tips.before_app_request
def detect_user_language():
    language = request.cookies.get("user_lang")
    if language not in LANGUAGES:
        language = preferred_language()

        def remember_language(response):
            response.set_cookie("user_lang", language, max_age=31536000, samesite="Lax")
            response.vary.add("Accept-Language")
            return response

        after_this_request(remember_language)
    g.language = language


@tips.get("/")
def index():
    return render_template("index.html", hello=HELLO[g.language])


@tips.get("/tips")
def all_tips():
    return {"language": g.language, "tips": ["Take an umbrella."]}


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.register_blueprint(tips)
    return app
