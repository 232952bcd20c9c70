from flask import abort, render_template

LOAVES = {"rye": 420, "spelt": 515, "baguette": 190}


def index():
    return render_template("index.html", loaves=LOAVES)


def loaf(name):
    if name not in LOAVES:
        abort(404)
    return render_template("loaf.html", name=name, cents=LOAVES[name])
