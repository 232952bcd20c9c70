"""Sternwarte: Farbschema aus einem Client Hint, gemerkt in einem Cookie."""
from flask import Flask, after_this_request, g, render_template, request

SCHEMATA = {"light": "hell", "dark": "dunkel"}


def farbschema():
    schema = request.cookies.get("schema")
    if schema not in SCHEMATA:
        wunsch = request.headers.get("Sec-CH-Prefers-Color-Scheme", "").strip(' "').lower()
        schema = wunsch if wunsch in SCHEMATA else "light"
        after_this_request(lambda antwort: merken(antwort, schema))
    g.schema = schema


def merken(antwort, schema):
    antwort.set_cookie("schema", schema, max_age=30 * 24 * 3600, httponly=True, samesite="Lax")
    antwort.vary.add("Sec-CH-Prefers-Color-Scheme")
    antwort.vary.add("Cookie")
    return antwort


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.before_request(farbschema)

    @app.after_request
    def hinweis(antwort):
        antwort.headers["Accept-CH"] = "Sec-CH-Prefers-Color-Scheme"
        return antwort

    @app.get("/")
    def himmel():
        return render_template("himmel.html", name=SCHEMATA[g.schema])

    @app.get("/sterne/<name>")
    def stern(name):
        return render_template("himmel.html", name=name)

    @app.errorhandler(404)
    def fehlt(fehler):
        return "Kein solcher Stern.", 404

    return app
