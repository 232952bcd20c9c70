from flask import Blueprint

bp = Blueprint("contacts", __name__, url_prefix="/contacts")
v1 = Blueprint("v1", __name__, url_prefix="/v1")

from . import api, pages  # noqa: E402,F401

bp.register_blueprint(v1)
