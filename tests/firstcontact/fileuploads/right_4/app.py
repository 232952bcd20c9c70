"""Buzón de facturas: la página muestra el avance de la subida."""
import os
from datetime import datetime, timezone
from secrets import token_hex

from flask import Flask, redirect, render_template, request, send_from_directory, url_for
from werkzeug.utils import secure_filename

PERMITIDAS = ("pdf", "xml", "txt")


def extension(nombre):
    _, punto, final = nombre.rpartition(".")
    return final.lower() if punto else None


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(FACTURAS=os.path.join(app.instance_path, "facturas"), MAX_CONTENT_LENGTH=2_500_000)
    app.config.from_mapping(config or {})

    @app.get("/facturas/")
    def buzon():
        return render_template("buzon.html")

    @app.post("/facturas/")
    def subir():
        factura = request.files.get("factura")
        if factura is None or not factura.filename:
            return render_template("buzon.html", aviso="Falta el archivo."), 400
        final = extension(factura.filename)
        if final not in PERMITIDAS:
            return render_template("buzon.html", aviso="Solo pdf, xml o txt."), 415
        limpio = secure_filename(factura.filename.rpartition(".")[0])[:60]
        nombre = f"{datetime.now(timezone.utc):%Y%m%d}-{token_hex(8)}-{limpio or 'factura'}.{final}"
        os.makedirs(app.config["FACTURAS"], exist_ok=True)
        with open(os.path.join(app.config["FACTURAS"], nombre), "xb") as destino:
            factura.save(destino)
        return redirect(url_for("factura", nombre=nombre), 303)

    @app.get("/facturas/<nombre>")
    def factura(nombre):
        respuesta = send_from_directory(app.config["FACTURAS"], nombre, as_attachment=True)
        respuesta.headers["X-Content-Type-Options"] = "nosniff"
        return respuesta

    @app.errorhandler(413)
    def grande(error):
        return render_template("buzon.html", aviso="Como máximo 2,5 MB."), 413

    return app
