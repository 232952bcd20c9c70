"""Rooms of a community centre, edited in place."""
from flask import Flask, abort, jsonify, render_template, request


class Room:
    def __init__(self, id, name, capacity):
        self.id, self.name, self.capacity = id, name, capacity

    def to_json(self):
        return {"id": self.id, "name": self.name, "capacity": self.capacity}

    def update_from_json(self, data):
        if not isinstance(data, dict):
            abort(400, "An object is needed.")
        name = data.get("name")
        if not isinstance(name, str) or not name.strip():
            abort(400, "A name is needed.")
        self.name = name
        capacity = data.get("capacity")
        if isinstance(capacity, bool) or not isinstance(capacity, int) or capacity < 1:
            abort(400, "A capacity is needed.")
        self.capacity = capacity


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    rooms = {1: Room(1, "Big hall", 120), 2: Room(2, "Kitchen", 8)}

    @app.get("/")
    def plan():
        return render_template("plan.html", rooms=[r.to_json() for r in rooms.values()])

    @app.get("/rooms")
    def room_list():
        return jsonify([r.to_json() for r in rooms.values()])

    @app.get("/rooms/<int:id>")
    def room(id):
        return (rooms.get(id) or abort(404)).to_json()

    @app.post("/rooms/<int:id>")
    def update(id):
        room = rooms.get(id) or abort(404)
        room.update_from_json(request.json)
        return room.to_json()

    return app
