"""URLs of the harbour office; the check for a login is here, as it has to be upfront."""
from flask import Blueprint, abort, g, request

from .late import late

bp = Blueprint("office", __name__)
bp.add_url_rule("/", view_func=late("harbour.pages.desk:index"))
bp.add_url_rule("/hours.txt", view_func=late("harbour.pages.hours:text"))


@bp.before_request
def only_staff():
    if request.endpoint != "office.text" and not g.person:
        abort(403)
