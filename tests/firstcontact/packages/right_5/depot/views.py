from flask import abort, render_template

from depot.parcels import PARCELS


def index():
    return render_template("index.html", parcels=PARCELS)


def parcel(number):
    if number not in PARCELS:
        abort(404)
    return render_template("parcel.html", number=number, parcel=PARCELS[number])


def shelves():
    return {"shelves": sorted({parcel["shelf"] for parcel in PARCELS.values()})}


def missing(error):
    return render_template("missing.html"), 404
