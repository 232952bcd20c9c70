"""Club results with print pages that replace the style sheets on purpose."""
import json
from functools import cache
from pathlib import Path

from flask import Flask, abort, render_template

HERE = Path(__file__).parent


@cache
def seasons():
    return json.loads((HERE / "seasons.json").read_text("utf-8"))


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}

    @app.get("/")
    def index():
        return render_template("pages/index.html", seasons=seasons())

    @app.get("/<int:year>")
    def season(year):
        return render_template("pages/season.html", year=year, games=find(year))

    @app.get("/<int:year>/print")
    def printed(year):
        return render_template("pages/print.html", year=year, games=find(year))

    def find(year):
        games = seasons().get(str(year))
        if games is None:
            abort(404)
        return games

    @app.errorhandler(404)
    def missing(error):
        return render_template("pages/404.html"), 404

    return app
