from flask import abort, render_template

from tidebook.stations import bp
from tidebook.tables import TABLES


@bp.get("/")
def stations():
    return render_template("stations.html", stations=sorted(TABLES))


@bp.get("/<name>")
def station(name):
    if name not in TABLES:
        abort(404)
    return render_template("station.html", name=name, tides=TABLES[name])
