"""Archives d'une mairie : base de données, contrôle du contenu, préfixe, proxy."""
import os
import tempfile
import uuid

from flask import Flask, abort, redirect, render_template_string, request, send_from_directory, url_for
from flask_sqlalchemy import SQLAlchemy
from werkzeug.middleware.proxy_fix import ProxyFix

db = SQLAlchemy()


class Document(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    titre = db.Column(db.String(255), nullable=False)
    fichier = db.Column(db.String(64), nullable=False, unique=True)
    extension = db.Column(db.String(8), nullable=False)


DEBUTS = {"pdf": b"%PDF-", "png": b"\x89PNG\r\n\x1a\n", "gif": b"GIF8"}
TYPES = {"pdf": "application/pdf", "png": "image/png", "gif": "image/gif"}

FORMULAIRE = """<!doctype html>
<html lang="fr"><meta charset="utf-8"><title>Dépôt</title>
<h1>Déposer un document</h1>
{% if erreur %}<p role="alert">{{ erreur }}</p>{% endif %}
<form method="post" enctype="multipart/form-data">
<input type="file" name="document" accept=".pdf,.png,.gif">
<button>Déposer</button>
</form></html>"""


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(
        SQLALCHEMY_DATABASE_URI="sqlite://",
        DEPOT=os.path.join(tempfile.gettempdir(), "depot"),
        MAX_CONTENT_LENGTH=10_000_000,
    )
    app.config.from_mapping(config or {})
    db.init_app(app)
    with app.app_context():
        db.create_all()
    app.wsgi_app = ProxyFix(app.wsgi_app, x_proto=1, x_host=1, x_prefix=1)

    def refuser(erreur, statut):
        return render_template_string(FORMULAIRE, erreur=erreur), statut

    @app.route("/mairie/depot", methods=["GET", "POST"])
    def depot():
        if request.method == "GET":
            return render_template_string(FORMULAIRE)
        envoye = request.files.get("document")
        if envoye is None or not envoye.filename:
            return refuser("Aucun fichier n'a été choisi.", 400)
        titre, point, extension = envoye.filename.rpartition(".")
        extension = extension.lower()
        if not point or extension not in DEBUTS:
            return refuser("Seuls les PDF, PNG et GIF sont acceptés.", 415)
        debut = envoye.stream.read(len(DEBUTS[extension]))
        envoye.stream.seek(0)
        if debut != DEBUTS[extension]:
            return refuser("Le contenu n'est pas celui d'un tel fichier.", 422)
        fichier = uuid.uuid4().hex
        os.makedirs(app.config["DEPOT"], exist_ok=True)
        envoye.save(os.path.join(app.config["DEPOT"], fichier))
        document = Document(titre=titre[-255:], fichier=fichier, extension=extension)
        db.session.add(document)
        db.session.commit()
        return redirect(url_for("document", id=document.id), 302)

    @app.get("/mairie/documents/<int:id>")
    def document(id):
        trouve = db.session.get(Document, id) or abort(404)
        return send_from_directory(app.config["DEPOT"], trouve.fichier, mimetype=TYPES[trouve.extension])

    return app
