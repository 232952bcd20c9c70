"""Sheet music shop in two languages, with a link to the other language on each page."""
from flask import Blueprint, Flask, abort, g, render_template

WORDS = {"en": {"shop": "Sheet music", "terms": "Terms"}, "fr": {"shop": "Partitions", "terms": "Conditions"}}
SCORES = {"arabesque": "Deux arabesques", "gymnopedie": "Trois gymnopédies"}
shop = Blueprint("shop", __name__, url_prefix="/<lang_code>", template_folder="templates")


@shop.url_value_preprocessor
def pull_lang_code(endpoint, values):
    g.lang_code = values.pop("lang_code")
    if g.lang_code not in WORDS:
        abort(404)


@shop.url_defaults
def add_language_code(endpoint, values):
    if "lang_code" in g:
        values["lang_code"] = g.lang_code


@shop.context_processor
def words():
    return {"w": WORDS[g.lang_code], "codes": sorted(WORDS)}


@shop.get("/")
def index():
    return render_template("index.html", scores=SCORES)


@shop.get("/scores/<key>")
def score(key):
    if key not in SCORES:
        abort(404)
    return render_template("score.html", key=key, title=SCORES[key])


@shop.get("/terms")
def terms():
    return render_template("terms.html")


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.register_blueprint(shop)

    @app.get("/ping")
    def ping():
        return "pong", {"Content-Type": "text/plain"}

    return app
