import itertools

from flask import Flask, abort, render_template, request
from flask.views import MethodView

BOATS = {7: {"id": 7, "name": "Seagull", "seats": 4}, 9: {"id": 9, "name": "Tern", "seats": 2}}
numbers = itertools.count(10)


def boat_from_json():
    data = request.get_json()
    if not isinstance(data, dict):
        abort(422)
    name, seats = data.get("name"), data.get("seats")
    if type(name) is not str or type(seats) is not int or not 0 < seats < 1000:
        abort(422, "A boat has a name and seats.")
    return {"name": name, "seats": seats}


class Boats(MethodView):
    def get(self):
        return sorted(BOATS.values(), key=lambda b: b["id"])

    def post(self):
        boat = {"id": next(numbers), **boat_from_json()}
        BOATS[boat["id"]] = boat
        return boat, 201


class Boat(MethodView):
    def get(self, id):
        if id not in BOATS:
            abort(404)
        return BOATS[id]


class Harbour(MethodView):
    def get(self):
        return render_template("harbour.html", berth=request.args.get("berth", "A1"))


def create_app():
    app = Flask(__name__)
    app.add_url_rule("/", view_func=Harbour.as_view("harbour"))
    app.add_url_rule("/api/boats", view_func=Boats.as_view("boats"))
    app.add_url_rule("/api/boats/<int:id>", view_func=Boat.as_view("boat"))
    return app
