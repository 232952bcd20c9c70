from flask import render_template

from .. import app
from ..shared import PAPERS, cache


@app.route("/")
def accueil():
    return render_template("base.jinja")


@app.route("/papers")
@cache.cached()
def journaux():
    return render_template("papers/list.jinja", papers=PAPERS)
