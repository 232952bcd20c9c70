from flask import Response, request
from flask.views import MethodView


class Courrier(MethodView):
    def get(self):
        return Response("Écrivez-nous !\n", mimetype="text/plain")

    def post(self):
        texte = request.form.get("texte", "").strip()
        if not 3 <= len(texte) <= 2000:
            return "Entre 3 et 2000 caractères, s'il vous plaît.", 422
        return "Merci", 202
