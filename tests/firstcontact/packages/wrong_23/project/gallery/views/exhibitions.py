from flask import abort, render_template

from gallery import app

SHOWS = {"prints": ("Prints", (1890, 1930)), "clay": ("Clay", (2024, 2024))}


@app.route("/")
def index():
    return render_template("shows.html", shows=SHOWS)


@app.route("/show/<slug>")
def show(slug):
    if slug not in SHOWS:
        abort(404)
    return render_template("shows.html", shows={slug: SHOWS[slug]})
