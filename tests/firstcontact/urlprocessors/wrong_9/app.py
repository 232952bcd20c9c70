"""Museum guide: pages in several languages, expensive ones cached."""
from flask import Flask, abort, g, render_template_string, url_for
from flask_caching import Cache

LANGUAGES = {"en": "English", "fr": "Français", "nl": "Nederlands"}

TEXTS = {
    "en": {"title": "Opening hours", "body": "Open daily from 10 to 18."},
    "fr": {"title": "Horaires", "body": "Ouvert tous les jours de 10h à 18h."},
    "nl": {"title": "Openingstijden", "body": "Dagelijks open van 10 tot 18 uur."},
}

PAGE = """<!doctype html>
<html lang="{{ g.lang_code }}">
<title>{{ t.title }}</title>
<nav><a href="{{ url_for('home') }}">Museum</a>
<a href="{{ url_for('hours') }}">{{ t.title }}</a></nav>
<h1>{{ t.title }}</h1>
<p>{{ t.body }}</p>
</html>
"""

cache = Cache()


def create_app(config=None):
    app = Flask(__name__)
    app.config.update(CACHE_TYPE="SimpleCache", CACHE_DEFAULT_TIMEOUT=600)
    app.config.update(config or {})
    cache.init_app(app)

    @app.url_value_preprocessor
    def pull_lang_code(endpoint, values):
        g.lang_code = values.pop("lang_code", None) if values else None

    @app.url_defaults
    def add_lang_code(endpoint, values):
        if "lang_code" in values or not g.get("lang_code"):
            return
        if app.url_map.is_endpoint_expecting(endpoint, "lang_code"):
            values["lang_code"] = g.lang_code

    @app.before_request
    def known_language():
        if g.lang_code is not None and g.lang_code not in LANGUAGES:
            abort(404)

    @app.route("/<lang_code>/")
    def home():
        t = {"title": "Museum", "body": LANGUAGES[g.lang_code]}
        return render_template_string(PAGE, t=t)

    @app.route("/<lang_code>/hours")
    @cache.memoize()
    def hours():
        # the opening hours come from a slow calendar service
        return render_template_string(PAGE, t=TEXTS[g.lang_code])

    @app.route("/")
    def choose():
        return render_template_string(
            "<ul>{% for c, n in languages.items() %}"
            "<li><a href='{{ url_for('home', lang_code=c) }}'>{{ n }}</a>"
            "{% endfor %}</ul>",
            languages=LANGUAGES,
        )

    return app
