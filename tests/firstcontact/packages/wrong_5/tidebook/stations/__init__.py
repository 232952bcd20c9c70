from flask import Blueprint

bp = Blueprint("stations", __name__, url_prefix="/stations")

from tidebook.stations import views  # noqa: E402,F401
