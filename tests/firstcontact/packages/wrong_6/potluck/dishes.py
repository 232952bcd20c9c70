from flask import abort, redirect, render_template, request, url_for

from potluck import app
from potluck.data import DISHES


@app.route("/")
def index():
    return render_template("dishes.html", dishes=DISHES)


@app.route("/dishes", methods=["POST"])
def add():
    dish = request.form.get("dish", "").strip()
    if not dish or len(dish) > 80 or len(DISHES) >= 500:
        abort(400)
    DISHES.append(dish)
    return redirect(url_for("index"), 303)
