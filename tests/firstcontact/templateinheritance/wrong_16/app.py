"""A village newspaper, with sections and articles."""
from flask import Flask, render_template
from werkzeug.exceptions import NotFound

SECTIONS = {
    "news": {"bridge": ("The bridge is open", "At last.")},
    "sport": {"final": ("We lost the final", "Again.")},
}

app = Flask(__name__, static_folder="assets", static_url_path="/assets")
app.jinja_env.globals["paper"] = "The Oberdorf Observer"


@app.template_global()
def teaser(text, length=40):
    return text if len(text) <= length else text[: length - 1] + "\N{HORIZONTAL ELLIPSIS}"


@app.route("/")
def front():
    return render_template("front.html", sections=SECTIONS)


@app.route("/imprint")
def imprint():
    return render_template("imprint.html")


@app.route("/<section>/<slug>")
def article(section, slug):
    try:
        headline, text = SECTIONS[section][slug]
    except KeyError:
        raise NotFound from None
    return render_template("article.html", headline=headline, text=text)


@app.errorhandler(404)
def not_found(error):
    return render_template("not_found.html"), 404
