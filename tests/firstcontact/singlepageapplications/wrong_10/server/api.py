from flask import Blueprint, abort

bp = Blueprint("api", __name__)

CITIES = {"basel": {"name": "Basel", "temperature": 17}, "bern": {"name": "Bern", "temperature": 14}}


@bp.get("/cities")
def cities():
    return {"cities": sorted(CITIES)}


@bp.get("/cities/<slug>")
def city(slug):
    if slug not in CITIES:
        abort(404, f"There is no city {slug!r}.")
    return CITIES[slug]
