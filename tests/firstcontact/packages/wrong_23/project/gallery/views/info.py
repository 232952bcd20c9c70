from flask import render_template

from gallery import app


@app.route("/visit")
def visit():
    return render_template("visit.html")
