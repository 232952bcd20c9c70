"""Opening hours for a phone; assets are cached for a year, their names carry a hash."""
from flask import Flask, jsonify

app = Flask(__name__, static_folder="build", static_url_path="/build")
app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 60 * 60 * 24 * 365
HOURS = {"mon": "9-17", "tue": "9-17", "sat": "10-13"}


@app.get("/api/hours")
def hours():
    return jsonify(HOURS)


@app.get("/api/hours/<day>")
def day(day):
    if day not in HOURS:
        return jsonify(error="closed"), 404
    return jsonify(day=day, hours=HOURS[day])


@app.get("/api/<path:path>")
def other(path):
    return jsonify(error="not found"), 404


@app.get("/", defaults={"path": ""})
@app.get("/<path:path>")
def client(path):
    return app.send_static_file("index.html")
