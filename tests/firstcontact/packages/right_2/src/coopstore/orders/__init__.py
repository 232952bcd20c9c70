from flask import Blueprint

orders = Blueprint("orders", __name__, template_folder="templates")

from . import views  # noqa: E402,F401
