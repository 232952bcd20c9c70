"""URLs of the berths; imported upfront, has no views itself."""
from flask import Blueprint

from .late import late

bp = Blueprint("berths", __name__)
bp.add_url_rule("/", view_func=late("harbour.pages.quay:overview"))
bp.add_url_rule("/<name>", view_func=late("harbour.pages.quay:berth"))
