"""Salle d'escalade : inscriptions et déconnexion par script."""
from flask import Flask, flash, redirect, render_template, request, session, url_for


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY="pour-essayer-seulement", SESSION_COOKIE_SAMESITE="Lax")
    app.config.from_mapping(config or {})

    @app.get("/")
    def accueil():
        profil = {"nom": session.get("nom", ""), "niveau": request.args.get("niveau", "6a")}
        return render_template("accueil.html", profil=profil)

    @app.post("/session")
    def entrer():
        nom = request.form.get("nom", "").strip()
        if not nom:
            return {"erreur": "Il manque un nom."}, 422
        session["nom"] = nom
        return redirect(url_for("accueil"), code=303)

    @app.delete("/session")
    def sortir():
        session.pop("nom", None)
        flash("À bientôt.")
        return redirect(url_for("accueil"), code=303)

    @app.put("/niveau")
    def niveau():
        return redirect(url_for("accueil", niveau=request.form.get("niveau", "6a")), 303)

    @app.get("/carte")
    def carte():
        return render_template("_carte.html", nom=request.args.get("nom", "inconnu"))

    return app
