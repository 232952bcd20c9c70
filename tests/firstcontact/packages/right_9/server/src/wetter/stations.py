from flask import abort

STATIONS = {"ZRH": "Kloten", "SMA": "Fluntern"}


def index():
    return [{"code": c, "ort": o} for c, o in STATIONS.items()]


def one(code):
    if code not in STATIONS:
        abort(404)
    return {"code": code, "ort": STATIONS[code]}
