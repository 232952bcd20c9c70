from flask import Blueprint, redirect, render_template, request, url_for

from .model import Mitglied, db

verwaltung = Blueprint("verwaltung", __name__)


@verwaltung.get("/")
def liste():
    return render_template("liste.html", mitglieder=db.session.scalars(db.select(Mitglied)).all())


@verwaltung.post("/")
def aufnehmen():
    name = request.form.get("name", "").strip()
    if not name:
        return render_template("liste.html", mitglieder=[]), 400
    db.session.add(Mitglied(name=name))
    db.session.commit()
    return redirect(url_for(".liste"), 303)
