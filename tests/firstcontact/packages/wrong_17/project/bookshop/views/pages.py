from flask import render_template

from bookshop import app


@app.route("/")
def index():
    return render_template("layout.html")


@app.route("/terms")
def terms():
    return render_template("layout.html", text="All sales are final.")
