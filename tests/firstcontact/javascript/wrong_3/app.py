"""Seats of a small cinema, changed by the desk's script."""
import threading

from flask import Flask, abort, jsonify, render_template, request


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    halls = {
        "blue": {"id": "blue", "film": "Metropolis", "seats": 80},
        "red": {"id": "red", "film": "Playtime", "seats": 40},
    }
    lock = threading.Lock()

    @app.get("/")
    def desk():
        return render_template("desk.html", halls=list(halls.values()))

    @app.get("/halls")
    def hall_list():
        return jsonify(list(halls.values()))

    @app.get("/halls/<id>")
    def hall(id):
        if id not in halls:
            abort(404)
        return halls[id]

    @app.put("/halls/<id>")
    def change(id):
        if id not in halls:
            abort(404)
        data = request.get_json(force=True)
        if not isinstance(data, dict):
            abort(400)
        film, seats = data.get("film"), data.get("seats")
        if not isinstance(film, str) or not film:
            abort(400)
        if isinstance(seats, bool) or not isinstance(seats, int) or seats < 0:
            abort(400)
        with lock:
            halls[id] = {"id": id, "film": film, "seats": seats}
        return halls[id]

    return app
