from flask import abort, jsonify, url_for

BUECHER = {1: "Der Zauberberg", 2: "Die Blechtrommel"}


def alle():
    return jsonify([{"titel": t, "adresse": url_for("buch", nummer=n)} for n, t in BUECHER.items()])


def eines(nummer):
    if nummer not in BUECHER:
        abort(404)
    return jsonify(titel=BUECHER[nummer])
