"""Travel blog: /<lang_code>/… pages, plus an archive without a language."""
from flask import Flask, g, render_template_string, request, url_for

app = Flask(__name__)
app.config.from_mapping(LANGUAGES=["en", "ja", "ko"])

POSTS = [("kyoto", 2021), ("busan", 2022), ("lofoten", 2023)]


@app.url_value_preprocessor
def drop_lang_code(endpoint, values):
    """The language is part of the path; views need not see it."""
    if values:
        values.pop("lang_code", None)
    first, *_ = request.path.strip("/").split("/")
    g.lang_code = first or None


@app.url_defaults
def add_lang_code(endpoint, values):
    if "lang_code" in values or not g.get("lang_code"):
        return
    if app.url_map.is_endpoint_expecting(endpoint, "lang_code"):
        values["lang_code"] = g.lang_code


HTML = """<!doctype html>
<html lang="{{ g.lang_code }}">
<link rel="home" href="{{ url_for('index') }}">
{% for slug, year in posts %}
<article>
<h2><a href="{{ url_for('post', slug=slug) }}">{{ slug }}</a></h2>
<time>{{ year }}</time>
</article>
{% endfor %}
</html>
"""


@app.get("/<lang_code>/")
def index():
    return render_template_string(HTML, posts=POSTS)


@app.get("/<lang_code>/<slug>")
def post(slug):
    found = [p for p in POSTS if p[0] == slug]
    if not found:
        return "no such post", 404
    return render_template_string(HTML, posts=found)


@app.get("/archive")
def archive():
    # plain list of years, for all languages
    return {
        "years": sorted({year for _, year in POSTS}),
        "site": [url_for("index", lang_code=c) for c in app.config["LANGUAGES"]],
        "home": home_url(),
    }


def home_url():
    """Where the logo leads: the language's start page, else English."""
    return url_for("index") if g.lang_code else url_for("index", lang_code="en")
