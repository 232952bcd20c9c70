from flask import abort, render_template

BIKES = {1: ("City", 490), 2: ("Cargo", 2890)}


def index():
    return render_template("bikes.html", bikes=BIKES)


def bike(bike_id):
    if bike_id not in BIKES:
        abort(404)
    return render_template("bikes.html", bikes={bike_id: BIKES[bike_id]})
