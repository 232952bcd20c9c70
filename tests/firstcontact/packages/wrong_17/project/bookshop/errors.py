from flask import render_template

from bookshop import app


@app.errorhandler(404)
def not_found(error):
    return render_template("error.html", error=error), 404
