"""Quotation of the day."""
import datetime
from pathlib import Path

from flask import Flask, abort, render_template, url_for

QUOTATIONS = ["Festina lente.", "Ars longa, vita brevis.", "Sapere aude.", "Carpe diem."]


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    icon = Path(app.root_path, "images", "quill.ico").read_bytes()

    @app.get("/")
    def today():
        number = datetime.date.today().toordinal() % len(QUOTATIONS)
        return render_template("quotation.html", number=number, text=QUOTATIONS[number])

    @app.get("/quotations/<int:number>")
    def quotation(number):
        if number >= len(QUOTATIONS):
            abort(404)
        return render_template("quotation.html", number=number, text=QUOTATIONS[number])

    @app.get("/quotations/")
    def quotations():
        return render_template("quotations.html", quotations=QUOTATIONS)

    @app.get("/favicon.ico")
    def favicon():
        return icon

    return app
