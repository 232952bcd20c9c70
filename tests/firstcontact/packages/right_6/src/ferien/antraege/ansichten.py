from flask import redirect, render_template, url_for

from . import bp
from .formular import Antrag

ANTRAEGE = []


@bp.route("/neu", methods=["GET", "POST"])
def neu():
    formular = Antrag()
    if formular.validate_on_submit():
        ANTRAEGE.append((formular.name.data, formular.von.data))
        return redirect(url_for(".liste"), code=303)
    return render_template("antrag.html", formular=formular), 422 if formular.errors else 200


@bp.route("/")
def liste():
    return [{"name": n, "von": v.isoformat()} for n, v in ANTRAEGE]
