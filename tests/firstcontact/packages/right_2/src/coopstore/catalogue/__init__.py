from flask import Blueprint, render_template

catalogue = Blueprint("catalogue", __name__, template_folder="templates")
GOODS = {"oats": "Oats", "soap": "Soap & brushes"}


@catalogue.get("/")
def index():
    return render_template("catalogue/index.html", goods=GOODS)


@catalogue.get("/goods.json")
def goods():
    return GOODS
