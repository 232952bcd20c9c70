"""Song book: API and single-page front end from one process."""
from flask import Flask, abort, jsonify, request

app = Flask(__name__, static_folder="dist", static_url_path="/dist")

SONGS = {
    1: {"id": 1, "title": "Scarborough Fair", "key": "Em"},
    2: {"id": 2, "title": "Greensleeves", "key": "Am"},
}


@app.get("/api/songs")
def songs():
    key = request.args.get("key")
    return jsonify([s for s in SONGS.values() if key in (None, s["key"])])


@app.get("/api/songs/<int:id>")
def song(id):
    if id not in SONGS:
        abort(404)
    return jsonify(SONGS[id])


@app.post("/api/songs")
def add_song():
    data = request.get_json()
    id = max(SONGS) + 1
    SONGS[id] = {"id": id, "title": str(data["title"]), "key": str(data.get("key", "C"))}
    return jsonify(SONGS[id]), 201


@app.route("/")
def index():
    return app.send_static_file("index.html")


@app.errorhandler(404)
def client_side(error):
    """Whatever the server does not know is a route of the front end."""
    return app.send_static_file("index.html"), 200
