from flask import jsonify

from herbarium import app
from herbarium.core.plants import PLANTS


@app.route("/api/plants")
def api_plants():
    return jsonify(list(PLANTS.values()))
