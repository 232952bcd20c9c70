"""Fundbüro: wer etwas gefunden hat, meldet es hier."""
import os

from flask import Flask, abort, flash, redirect, render_template, request, session, url_for
from flask.views import MethodView

WORTE = {"message": "Hinweis", "error": "Fehler", "warning": "Achtung"}


class Start(MethodView):
    def get(self):
        return render_template("start.html")


class Meldung(MethodView):
    def post(self):
        sache = request.form.get("sache", "")
        art = request.form.get("art", "message")
        if not sache.strip() or len(sache) > 200:
            abort(400, "Eine Sache hat 1 bis 200 Zeichen.")
        if art not in WORTE:
            abort(400, "Diese Art gibt es nicht.")
        flash(sache, art)
        return redirect(url_for("start"), 303)


class Anmeldung(MethodView):
    def get(self):
        return render_template("anmeldung.html")

    def post(self):
        if (request.form.get("name"), request.form.get("kennwort")) != ("jörg", "schlüssel"):
            return render_template("anmeldung.html", fehler="Name oder Kennwort stimmt nicht."), 422
        session.clear()
        session["name"] = "jörg"
        flash("Schön, dass du da bist.")
        return redirect(url_for("start"), 303)


class Abmeldung(MethodView):
    def post(self):
        session.clear()
        flash("Auf Wiedersehen.")
        return redirect(url_for("start"), 303)


class Stand(MethodView):
    def get(self):
        return {"angemeldet": "name" in session}


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY=os.environ.get("SECRET_KEY", "fundbuero-dev"), SESSION_COOKIE_SAMESITE="Lax")
    app.config.from_mapping(config or {})
    app.jinja_env.globals["WORTE"] = WORTE
    for regel, klasse in {"/": Start, "/meldungen": Meldung, "/anmeldung": Anmeldung,
                          "/abmeldung": Abmeldung, "/stand": Stand}.items():
        app.add_url_rule(regel, view_func=klasse.as_view(klasse.__name__.lower()))
    return app
