from flask import Flask, abort, jsonify

from potluck.data import GUESTS

app = Flask(__name__)


@app.route("/guests")
def guests():
    return jsonify(sorted(GUESTS))


@app.route("/guests/<name>")
def guest(name):
    if name not in GUESTS:
        abort(404)
    return jsonify(name=name, brings=GUESTS[name])
