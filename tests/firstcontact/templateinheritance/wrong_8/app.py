"""Documentation of a model railway control, in chapters and sections."""
from flask import Flask, abort, render_template

CHAPTERS = {
    "track": {"title": "Track", "sections": {"points": "Points", "signals": "Signals"}},
    "power": {"title": "Power", "sections": {"boosters": "Boosters"}},
}


def create_app():
    app = Flask(__name__)

    @app.get("/")
    def contents():
        return render_template("contents.html", chapters=CHAPTERS)

    @app.get("/<chapter>/")
    def chapter(chapter):
        if chapter not in CHAPTERS:
            abort(404)
        return render_template("chapter.html", key=chapter, chapter=CHAPTERS[chapter])

    @app.get("/<chapter>/<section>")
    def section(chapter, section):
        try:
            title = CHAPTERS[chapter]["sections"][section]
        except KeyError:
            abort(404)
        return render_template("section.html", title=title, up=CHAPTERS[chapter]["title"], key=chapter)

    @app.errorhandler(404)
    def missing(error):
        return render_template("missing.html"), 404

    return app
