"""Réservations d'un refuge : classe dérivée de Flask, vues par classes."""
from flask import Blueprint, Flask, abort, current_app, redirect, render_template, request, url_for
from flask.views import MethodView, View


class Refuge(Flask):
    def __init__(self, reglages=None):
        super().__init__(__name__)
        self.config.from_pyfile("refuge.cfg")
        self.config.from_mapping(reglages or {})
        self.reservations = []
        livret.init_app(self)
        self.register_blueprint(public)
        public_setup(self)


class Livret:
    """Une extension sans état : tout se trouve dans app.extensions."""

    def init_app(self, app):
        app.extensions["livret"] = {"titre": "Livret : " + app.config["NOM_DU_REFUGE"]}

    def titre(self):
        return current_app.extensions["livret"]["titre"]


livret = Livret()
public = Blueprint("public", __name__)


def titre():
    return livret.titre()


def public_setup(app):
    @app.after_request
    def entete(response):
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


class Accueil(View):
    def dispatch_request(self):
        return render_template("accueil.html", nom=current_app.config["NOM_DU_REFUGE"])


class Reservations(MethodView):
    def get(self):
        return render_template("reservations.html", noms=current_app.reservations)

    def post(self):
        nom = request.form.get("nom", "").strip() or abort(400)
        current_app.reservations.append(nom)
        return redirect(url_for(".reservations"), 303)


public.add_url_rule("/accueil", view_func=Accueil.as_view("accueil"))
public.add_url_rule("/reservations", view_func=Reservations.as_view("reservations"))


def create_app(config=None):
    return Refuge(config)
