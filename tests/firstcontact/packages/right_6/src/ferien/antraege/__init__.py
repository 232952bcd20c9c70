from flask import Blueprint

bp = Blueprint("antraege", __name__, template_folder="vorlagen")

from . import ansichten  # noqa: E402,F401
