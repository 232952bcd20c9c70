from flask import render_template


def portada():
    return render_template("portada.html")
