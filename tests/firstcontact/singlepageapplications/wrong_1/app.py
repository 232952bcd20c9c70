"""A plant diary: the pages are drawn in the browser."""
from flask import Flask, abort, jsonify

app = Flask(__name__, static_folder="dist", static_url_path="/dist")
PLANTS = [{"id": 1, "name": "Basil"}, {"id": 2, "name": "Fern"}]


@app.get("/api/plants")
def plants():
    return jsonify(PLANTS)


@app.get("/api/plants/<int:id>")
def plant(id):
    for entry in PLANTS:
        if entry["id"] == id:
            return entry
    abort(404)


@app.route("/api/", defaults={"path": ""})
@app.route("/api/<path:path>")
def no_such_api(path):
    return jsonify(error="not found"), 404


@app.route("/", defaults={"path": ""})
@app.route("/<path>")
def catch_all(path):
    return app.send_static_file("index.html")
