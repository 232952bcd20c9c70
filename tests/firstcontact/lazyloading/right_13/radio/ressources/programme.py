from flask import Response, abort, render_template_string
from flask.views import MethodView

GRILLE = {"lundi": [(420, "Matinale"), (1200, "Jazz")], "mardi": [(420, "Matinale")]}

XML = """<?xml version="1.0" encoding="utf-8"?>
<programme>{% for jour, emissions in grille.items() %}<jour nom="{{ jour }}">{% for m, nom in emissions -%}
<emission heure="{{ m|clock }}">{{ nom }}</emission>{% endfor %}</jour>{% endfor %}</programme>"""


class Programme(MethodView):
    def get(self, jour=None):
        if jour is not None and jour not in GRILLE:
            abort(404)
        grille = GRILLE if jour is None else {jour: GRILLE[jour]}
        return Response(render_template_string(XML, grille=grille), mimetype="application/xml")
