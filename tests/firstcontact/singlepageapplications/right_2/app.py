"""A seat plan that can be mounted anywhere: the page gets its base from Flask."""
from flask import Flask, jsonify, make_response, render_template, request
from flask.views import MethodView


class Seats(MethodView):
    def __init__(self, seats):
        self.seats = seats

    def get(self):
        return jsonify(self.seats)

    def post(self):
        seat = request.form.get("seat", "")
        if seat not in self.seats:
            return {"error": "no such seat"}, 400
        self.seats[seat] = "taken"
        return {"seat": seat, "state": "taken"}, 201


class Client(MethodView):
    def get(self, path=""):
        response = make_response(render_template("index.html"))
        response.cache_control.no_cache = True
        return response


def not_found(path=""):
    return {"error": "not found"}, 404


def create_app(config=None):
    app = Flask(__name__, static_folder="assets")
    app.config.from_mapping(config or {})
    app.add_url_rule("/api/seats", view_func=Seats.as_view("seats", {"a1": "free", "a2": "free"}))
    app.add_url_rule("/api/", view_func=not_found, endpoint="api_root")
    app.add_url_rule("/api/<path:path>", view_func=not_found, endpoint="api_other")
    client = Client.as_view("client")
    app.add_url_rule("/", view_func=client)
    app.add_url_rule("/<path:path>", view_func=client)
    return app
