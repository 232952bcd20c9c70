"""Gemeindeverzeichnis: ein Blueprint mit verschachteltem Blueprint."""
from flask import Blueprint, Flask, abort, g, render_template, url_for

SPRACHEN = {"de": "Deutsch", "fr": "Französisch", "it": "Italienisch", "rm": "Rätoromanisch"}
GEMEINDEN = {"chur": "Chur", "thusis": "Thusis"}

portal = Blueprint("portal", __name__, url_prefix="/verzeichnis/<sprache>")
gemeinde = Blueprint("gemeinde", __name__, url_prefix="/gemeinde/<kuerzel>")


@portal.url_value_preprocessor
def sprache_lesen(endpoint, values):
    code = values.pop("sprache")
    if code not in SPRACHEN:
        abort(404, description="Diese Sprache gibt es hier nicht.")
    g.sprachcode = code


@portal.url_defaults
def sprache_schreiben(endpoint, values):
    if "sprache" not in values and "sprachcode" in g:
        values["sprache"] = g.sprachcode


@gemeinde.url_value_preprocessor
def gemeinde_lesen(endpoint, values):
    g.gemeinde = values.pop("kuerzel")
    if g.gemeinde not in GEMEINDEN:
        abort(404, description="Diese Gemeinde gibt es nicht.")


@gemeinde.url_defaults
def gemeinde_schreiben(endpoint, values):
    if "kuerzel" not in values and "gemeinde" in g:
        values["kuerzel"] = g.gemeinde


@portal.route("/")
def liste():
    return render_template("liste.html", gemeinden=GEMEINDEN)


@gemeinde.route("/")
def kontakt():
    return render_template("gemeinde.html", name=GEMEINDEN[g.gemeinde])


@gemeinde.route("/termine")
def termine():
    return render_template("gemeinde.html", name=GEMEINDEN[g.gemeinde] + ": Termine")


portal.register_blueprint(gemeinde)


def create_app():
    app = Flask(__name__)
    app.register_blueprint(portal)

    @app.route("/impressum")
    def impressum():
        return render_template("impressum.html", sprachen=SPRACHEN)

    @app.errorhandler(404)
    def fehlt(e):
        start = url_for("portal.liste", sprache="de")
        return f"<p>Nicht gefunden. {e.description} <a href='{start}'>Start</a>", 404

    return app
