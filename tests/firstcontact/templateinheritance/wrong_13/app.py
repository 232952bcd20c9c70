"""A forum. Each view gives the layout what it needs: the sections for the navigation."""
from flask import Blueprint, Flask, abort, redirect, render_template, request, url_for

bp = Blueprint("forum", __name__)

SECTIONS = {"bees": "Bees", "wasps": "Wasps"}
THREADS = {"bees": ["Swarm in my chimney"], "wasps": ["Jam trap, does it work?"]}


class Nav:
    def __init__(self, active=None):
        self.active = active
        self.sections = SECTIONS

    def css(self, slug):
        return "active" if slug == self.active else "normal"


@bp.get("/")
def index():
    return render_template("forum/index.html", nav=Nav(), threads=THREADS)


@bp.route("/s/<slug>", methods=["GET", "POST"])
def section(slug):
    if slug not in SECTIONS:
        abort(404)
    if request.method == "POST":
        title = request.form.get("title", "").strip()
        if not 0 < len(title) <= 100:
            return render_template("forum/section.html", nav=Nav(slug), name=SECTIONS[slug],
                                   threads=THREADS[slug], error="Between 1 and 100 characters, please."), 400
        THREADS[slug].append(title)
        return redirect(url_for(".section", slug=slug))
    return render_template("forum/section.html", nav=Nav(slug), name=SECTIONS[slug], threads=THREADS[slug])


@bp.app_errorhandler(404)
def not_found(error):
    return render_template("forum/404.html"), 404


def create_app():
    app = Flask(__name__)
    app.register_blueprint(bp)
    return app
