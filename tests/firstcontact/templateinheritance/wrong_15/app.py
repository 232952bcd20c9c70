"""A glossary with a search. The editors' tools want templates to be called *.html.j2."""
from flask import Blueprint, Flask, render_template, request

glossary = Blueprint("glossary", __name__, template_folder="templates")

TERMS = {
    "block": "A part of a template that children may replace.",
    "extends": "The tag <extends> names the parent.",
    "layout": "The skeleton of all pages.",
}


@glossary.get("/")
def index():
    return render_template("glossary/index.html.j2", terms=sorted(TERMS))


@glossary.get("/terms/<term>")
def term(term):
    if term not in TERMS:
        return render_template("glossary/missing.html.j2", term=term), 404
    return render_template("glossary/term.html.j2", term=term, text=TERMS[term])


@glossary.get("/search")
def search():
    query = request.args.get("q", "").strip()[:80]
    found = [term for term in sorted(TERMS) if query and query.lower() in term + TERMS[term].lower()]
    return render_template("glossary/search.html.j2", query=query, found=found)


@glossary.app_errorhandler(404)
def not_found(error):
    return render_template("glossary/missing.html.j2", term=request.path), 404


def create_app():
    app = Flask(__name__, template_folder=None)
    app.register_blueprint(glossary)
    return app
