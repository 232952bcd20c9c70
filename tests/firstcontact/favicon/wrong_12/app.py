from pathlib import Path

from flask import Flask, abort, render_template, send_file

app = Flask(__name__)
TRACKS = {1: ("Old mill", 46.80, 8.22), 2: ("Ridge path", 46.91, 8.31)}


@app.route("/")
def tracks():
    return render_template("tracks.html", tracks=TRACKS)


@app.route("/tracks/<int:id>")
def track(id):
    if id not in TRACKS:
        abort(404)
    return render_template("track.html", id=id, name=TRACKS[id][0])


@app.route("/tracks/<int:id>/map")
def track_map(id):
    if id not in TRACKS:
        abort(404)
    name, lat, lon = TRACKS[id]
    return render_template("map.html", name=name, position=[lat, lon])


@app.errorhandler(404)
def not_found(error):
    return render_template("error.html"), 404


@app.route("/favicon.ico")
def favicon():
    return send_file(Path(app.root_path) / "static" / "favicon.ico", max_age=3600)
