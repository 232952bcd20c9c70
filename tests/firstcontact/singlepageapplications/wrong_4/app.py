"""Quiz results; the client draws /, /teams and /teams/3."""
from flask import Flask, jsonify

app = Flask(__name__, static_folder="app", static_url_path="/app")
TEAMS = {1: "Owls", 2: "Foxes", 3: "Bären"}


@app.route("/api/teams")
def teams():
    return jsonify([{"id": id, "name": name} for id, name in TEAMS.items()])


@app.route("/api/teams/<int:id>")
def team(id):
    if id not in TEAMS:
        return jsonify(error="unknown team"), 404
    return jsonify(id=id, name=TEAMS[id])


@app.route("/api/<path:path>")
def api_missing(path):
    return jsonify(error="unknown path"), 404


@app.route("/", defaults={"path": ""})
@app.route("/<path:path>")
def catch_all(path):
    return app.send_static_file("index.html")
