from flask import abort, jsonify, request

AUSGELIEHEN = {}


def ausleihen():
    if request.method == "POST":
        daten = request.get_json()
        if not isinstance(daten, dict) or not isinstance(daten.get("buch"), int):
            abort(422)
        AUSGELIEHEN[daten["buch"]] = str(daten.get("wer", ""))
        return jsonify(AUSGELIEHEN), 201
    return jsonify(AUSGELIEHEN)
