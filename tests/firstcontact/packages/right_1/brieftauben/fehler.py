from flask import render_template
from werkzeug.exceptions import NotFound

from . import app


@app.errorhandler(NotFound)
def nicht_gefunden(fehler):
    return render_template("fehler.html"), 404
