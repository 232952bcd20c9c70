"""Messwerte einer Wetterwarte; das Skript liegt in einer eigenen Datei."""
from flask import Flask, abort, current_app, make_response, render_template, request, url_for
from werkzeug.exceptions import HTTPException

MESSUNGEN = {
    "M-0017": {"kennung": "M-0017", "ort": "Zürich", "grad": 11},
    "M-0018": {"kennung": "M-0018", "ort": "St. Gallen", "grad": 9},
}


def problem(fehler):
    antwort = make_response(
        {"title": fehler.name, "detail": fehler.description, "status": fehler.code}, fehler.code
    )
    antwort.mimetype = "application/problem+json"
    return antwort


def pruefe(daten):
    if not isinstance(daten, dict):
        abort(422, "Erwartet wird ein Objekt.")
    ueberzaehlig = set(daten) - {"ort", "grad"}
    if ueberzaehlig:
        abort(422, f"Unbekannt: {sorted(ueberzaehlig)}")
    ort, grad = daten.get("ort"), daten.get("grad")
    if not isinstance(ort, str) or not 1 <= len(ort) <= 500:
        abort(422, "ort: 1 bis 500 Zeichen")
    if isinstance(grad, bool) or not isinstance(grad, (int, float)) or not -90 <= grad <= 90:
        abort(422, "grad: zwischen -90 und 90")
    return {"ort": ort, "grad": grad}


def create_app():
    app = Flask(__name__)
    app.register_error_handler(HTTPException, problem)

    @app.after_request
    def richtlinie(antwort):
        antwort.headers["Content-Security-Policy"] = "default-src 'self'"
        antwort.headers["X-Content-Type-Options"] = "nosniff"
        return antwort

    @app.get("/karte")
    def karte():
        ort = request.args.get("ort", "Zürich")
        return render_template(
            "karte.html",
            messwerte={"ort": ort, "liste": list(MESSUNGEN.values())},
            pfad=url_for("abruf", ort=ort, art="tag"),
        )

    @app.get("/api/abruf")
    def abruf():
        return {"ort": request.args.get("ort"), "art": request.args.get("art")}

    @app.get("/api/messungen")
    def alle():
        return current_app.json.response(sorted(MESSUNGEN.values(), key=lambda m: m["kennung"]))

    @app.get("/api/messungen/<string(length=6):kennung>")
    def eine(kennung):
        return MESSUNGEN.get(kennung) or abort(404, "Diese Messung gibt es nicht.")

    @app.post("/api/messungen")
    def neu():
        daten = pruefe(request.json)
        kennung = f"M-{len(MESSUNGEN) + 17:04}"
        MESSUNGEN[kennung] = {"kennung": kennung, **daten}
        return MESSUNGEN[kennung], 201, {"Location": url_for("eine", kennung=kennung)}

    return app
