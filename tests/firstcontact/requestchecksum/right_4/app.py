"""Deutsch: nur Dateien und Rohdaten; erst ganz auf die Platte, dann geprüft, dann gelesen."""
import hashlib
import hmac
import tempfile

from flask import Flask, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.wsgi import get_input_stream

GRENZE = 8 * 1024 * 1024


class Pruefstrom:
    def __init__(self, strom):
        self.strom, self.pruefsumme = strom, hashlib.blake2b()

    def read(self, groesse=-1):
        stueck = self.strom.read(groesse)
        self.pruefsumme.update(stueck)
        return stueck

    def readline(self, groesse=-1):
        zeile = self.strom.readline(groesse)
        self.pruefsumme.update(zeile)
        return zeile


def generate_checksum(anfrage):
    strom = anfrage.environ["wsgi.input"] = Pruefstrom(anfrage.environ["wsgi.input"])
    return strom.pruefsumme


def auf_platte(anfrage):
    """Der ganze Rumpf in einer Datei; die Anfrage liest danach aus ihr."""
    summe = generate_checksum(anfrage)
    quelle = get_input_stream(anfrage.environ, max_content_length=GRENZE)
    datei = tempfile.SpooledTemporaryFile(max_size=65536)
    laenge = 0
    while stueck := quelle.read(32768):
        laenge += len(stueck)
        if laenge > GRENZE:
            datei.close()
            raise RequestEntityTooLarge()
        datei.write(stueck)
    datei.seek(0)
    anfrage.environ.update({"wsgi.input": datei, "CONTENT_LENGTH": str(laenge), "wsgi.input_terminated": True})
    return summe, datei


def create_app(config=None):
    app = Flask(__name__)
    app.config.update(config or {})
    ablage = {}

    @app.before_request
    def art():
        if request.method == "POST" and request.mimetype not in ("multipart/form-data", "application/octet-stream"):
            raise UnsupportedMediaType()

    @app.post("/pruefsumme")
    def pruefsumme():
        summe, datei = auf_platte(request)
        with datei:
            namen = [datei.filename for datei in request.files.values()]
        return f"<p>{len(namen)} Dateien, BLAKE2b: <code>{summe.hexdigest()}</code>"

    @app.post("/ablage")
    def ablegen():
        summe, datei = auf_platte(request)
        with datei:
            erwartet = request.headers.get("Pruefsumme", "")
            if not hmac.compare_digest(erwartet.strip().lower().encode("utf-8"), summe.hexdigest().encode()):
                raise BadRequest("Die Prüfsumme stimmt nicht.")
            ablage[len(ablage)] = summe.hexdigest()[:12]
        return "", 201

    @app.get("/ablage")
    def zeigen():
        return {"ablage": ablage}

    return app
