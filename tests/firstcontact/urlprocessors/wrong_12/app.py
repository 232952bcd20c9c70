"""A help centre as a blueprint; any site can register it."""
from flask import Blueprint, Flask, g, jsonify, render_template_string, request, url_for

bp = Blueprint("help", __name__, url_prefix="/help/<lang_code>", static_folder=None)

ARTICLES = {
    "en": {"refund": "How do I get a refund?", "login": "I cannot log in"},
    "pl": {"refund": "Jak uzyskać zwrot?", "login": "Nie mogę się zalogować"},
}


@bp.app_url_value_preprocessor
def pull_lang_code(endpoint, values):
    g.lang_code = values.pop("lang_code", None) if values is not None else None


# for the whole app: the site's menu links to the help centre too
@bp.app_url_defaults
def add_language_code(endpoint, values):
    if g.get("lang_code"):
        values.setdefault("lang_code", g.lang_code)


LIST = """<!doctype html>
<html lang="{{ g.lang_code }}">
<head>
<link rel="stylesheet" href="{{ url_for('static', filename='site.css') }}">
</head>
<h1>{{ 'Help' if g.lang_code == 'en' else 'Pomoc' }}</h1>
<ul>
{% for slug, title in articles.items() %}
<li><a href="{{ url_for('.article', slug=slug) }}">{{ title }}</a></li>
{% endfor %}
</ul>
</html>
"""


@bp.route("/")
def index():
    articles = ARTICLES.get(g.lang_code, ARTICLES["en"])
    return render_template_string(LIST, articles=articles)


@bp.route("/<slug>")
def article(slug):
    articles = ARTICLES.get(g.lang_code, ARTICLES["en"])
    if slug not in articles:
        return "?", 404
    return render_template_string(
        "<h1>{{ title }}</h1><a href=\"{{ url_for('.index') }}\">&larr;</a>"
        "<a href=\"{{ url_for('contact') }}\">@</a>",
        title=articles[slug],
    )


app = Flask(__name__)
app.register_blueprint(bp)


@app.get("/contact")
def contact():
    return f"""<!doctype html><title>Contact</title>
<a href="{url_for('help.index', lang_code='en')}">Help</a>
<a href="{url_for('help.index', lang_code='pl')}">Pomoc</a>"""
