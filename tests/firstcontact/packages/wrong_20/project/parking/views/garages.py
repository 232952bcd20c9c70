from flask import Blueprint
from flask.views import MethodView

from ..models.garage import GARAGES

bp = Blueprint("garages", __name__, url_prefix="/api")


class Garages(MethodView):
    def get(self):
        return {g.name: g.free for g in GARAGES}


bp.add_url_rule("/garages", view_func=Garages.as_view("list"))
