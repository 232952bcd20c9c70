from flask import Blueprint

bp = Blueprint("auftraege", __name__, template_folder="vorlagen")

from . import ansichten  # noqa: E402,F401
