"""A seed exchange: offers can be entered and searched. Flask-WTF."""
from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from wtforms import IntegerField, SearchField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

bp = Blueprint("offers", __name__, url_prefix="/offers")


class OfferForm(FlaskForm):
    plant = StringField("Plant", [InputRequired(), Length(3, 60)])
    grams = IntegerField("Grams", [InputRequired(), NumberRange(1, 1000)])


class SearchForm(FlaskForm):
    class Meta:
        csrf = False  # nothing to protect, and the token does not belong into URLs

    q = SearchField("Search", [Optional(), Length(max=60)])


def offers():
    return current_app.extensions["offers"]


@bp.get("/")
def index():
    return render_template("offers/index.html", offers=offers(), search=SearchForm())


@bp.route("/new", methods=["GET", "POST"])
def new():
    form = OfferForm()
    if form.validate_on_submit():
        offers().append({"plant": form.plant.data, "grams": form.grams.data})
        flash("Your offer is online.")
        return redirect(url_for(".index"))
    return render_template("offers/new.html", form=form)


@bp.get("/search")
def search():
    form = SearchForm(request.args)
    found = []
    if form.validate_on_submit() and form.q.data:
        needle = form.q.data.casefold()
        found = [offer for offer in offers() if needle in offer["plant"].casefold()]
    return render_template("offers/search.html", search=form, found=found)


def create_app():
    app = Flask(__name__)
    app.config.update(SECRET_KEY="dev", SESSION_COOKIE_SAMESITE="Lax")
    app.extensions["offers"] = []
    app.register_blueprint(bp)
    return app
