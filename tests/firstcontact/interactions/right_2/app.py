"""Fundbüro: Fotos hochladen und Quittungen mit Prüfsumme, angemeldet mit Flask-Login."""
import hashlib
import os
import uuid
from pathlib import Path

from flask import Flask, abort, flash, render_template, request, send_from_directory, url_for
from flask_login import LoginManager, UserMixin, login_required, login_user, logout_user

KENNWORTE = {"jörg": "schirm", "anna": "mütze"}
ENDUNGEN = {"txt", "png", "jpg"}


class Mensch(UserMixin):
    def __init__(self, name):
        self.id = name


class Mitgerechnet:
    """Ein Eingabestrom, der beim Lesen die Prüfsumme bildet."""

    def __init__(self, strom):
        self.strom, self.summe = strom, hashlib.sha1()

    def _weiter(self, daten):
        self.summe.update(daten)
        return daten

    def read(self, *groesse):
        return self._weiter(self.strom.read(*groesse))

    def readline(self, *groesse):
        return self._weiter(self.strom.readline(*groesse))


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(
        SECRET_KEY=os.urandom(16), FUNDE="funde", MAX_CONTENT_LENGTH=4 * 2**20, SESSION_COOKIE_SAMESITE="Lax"
    )
    app.config.from_mapping(config or {})
    ordner = Path(app.config["FUNDE"]).absolute()
    ordner.mkdir(parents=True, exist_ok=True)
    anmeldung = LoginManager(app)
    anmeldung.user_loader(lambda name: Mensch(name) if name in KENNWORTE else None)

    def seite(titel, zeilen=(), status=200, ort=None):
        kopf = {"Location": ort} if ort else {}
        return render_template("seite.html", titel=titel, zeilen=zeilen, ort=ort), status, kopf

    @app.get("/")
    def start():
        return seite("Fundbüro")

    @app.post("/funde")
    @login_required
    def hochladen():
        datei = request.files.get("bild")
        endung = os.path.splitext(datei.filename or "")[1][1:].lower() if datei else ""
        if endung not in ENDUNGEN:
            abort(400)
        name = f"{uuid.uuid4().hex}.{endung}"
        datei.save(ordner / name)
        flash("Danke für das Bild.")
        return seite("Gespeichert", status=201, ort=url_for("fund", name=name))

    @app.get("/funde/<name>")
    def fund(name):
        antwort = send_from_directory(ordner, name)
        antwort.headers["X-Content-Type-Options"] = "nosniff"
        return antwort

    @app.post("/quittung")
    def quittung():
        strom = request.environ["wsgi.input"] = Mitgerechnet(request.environ["wsgi.input"])
        text = request.form.get("text", "")
        return seite("Quittung", [text, strom.summe.hexdigest()])

    @app.get("/schreibtisch")
    @login_required
    def schreibtisch():
        return seite("Schreibtisch")

    @app.post("/anmelden")
    def anmelden():
        name = request.form.get("name", "")
        if name not in KENNWORTE or KENNWORTE[name] != request.form.get("kennwort"):
            return seite("Das stimmt nicht.", status=403)
        login_user(Mensch(name))
        return seite("Angemeldet")

    @app.post("/abmelden")
    def abmelden():
        logout_user()
        return seite("Abgemeldet")

    return app
