from flask import abort, request

from wetter.stations import STATIONS


def search():
    q = request.args.get("q", "")
    if len(q) < 2:
        abort(400, "q: mindestens zwei Zeichen")
    return [c for c, ort in STATIONS.items() if q.lower() in ort.lower()]
