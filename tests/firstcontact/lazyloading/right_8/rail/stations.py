from flask import abort, request
from flask.views import MethodView

from .data import STATIONS


class Stations(MethodView):
    def get(self):
        return STATIONS

    def post(self):
        data = request.get_json()
        if not isinstance(data, dict) or set(data) != {"code", "name"}:
            abort(422)
        STATIONS[data["code"]] = data["name"]
        return data, 201


class Station(MethodView):
    def get(self, code):
        return {"name": STATIONS.get(code) or abort(404)}

    def delete(self, code):
        STATIONS.pop(code, None)
        return "", 204
