from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import login_user, logout_user
from werkzeug.security import check_password_hash, generate_password_hash

from .anmeldung import Person

bp = Blueprint("konto", __name__)
KENNWORT = generate_password_hash("speiche")


@bp.route("/anmelden", methods=["GET", "POST"])
def anmelden():
    if request.method == "POST":
        name = request.form.get("name", "").strip()
        if name and check_password_hash(KENNWORT, request.form.get("kennwort", "")):
            login_user(Person(name))
            return redirect(url_for("auftraege.liste"), 303)
        return render_template("anmelden.html", fehler="Falsch."), 401
    return render_template("anmelden.html")


@bp.post("/abmelden")
def abmelden():
    logout_user()
    return redirect(url_for("start"), 303)
