from flask import render_template
from flask_login import login_required

from . import bp

AUFTRAEGE = {17: "Kette wechseln", 18: "Achter im Vorderrad"}


@bp.get("/")
@login_required
def liste():
    return render_template("liste.html", auftraege=AUFTRAEGE)
