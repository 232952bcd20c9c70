"""Tide tables: one page without files of its own, assets by WSGI middleware, a strict CSP."""
import os
import secrets

from flask import Flask, Response, current_app, g, json, stream_with_context
from flask_caching import Cache
from werkzeug.exceptions import abort
from werkzeug.middleware.shared_data import SharedDataMiddleware

cache = Cache(config={"CACHE_TYPE": "SimpleCache", "CACHE_DEFAULT_TIMEOUT": 60})
HERE = os.path.dirname(os.path.abspath(__file__))
PORTS = {"brest": [3.1, 6.8, 2.9], "cuxhaven": [0.9, 3.6, 1.1]}

SHELL = """<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<title>Marées</title>
<link rel="icon" href="data:,">
<script nonce="{nonce}">window.PORTS = {ports};</script>
<script nonce="{nonce}" src="/ressources/marees.js" defer></script>
</head>
<body><article></article></body>
</html>
"""


def create_app(**settings):
    app = Flask(__name__, static_folder=None)
    app.config.update(settings)
    cache.init_app(app)
    app.wsgi_app = SharedDataMiddleware(app.wsgi_app, {"/ressources": os.path.join(HERE, "ressources")})

    @app.before_request
    def nonce():
        g.nonce = secrets.token_urlsafe(12)

    @app.get("/donnees/ports.json")
    @cache.cached()
    def ports():
        return {"ports": sorted(PORTS)}

    @app.get("/donnees/<port>.json")
    def tides(port):
        levels = PORTS.get(port) or erreur(f"port inconnu : {port}")

        def body():
            yield f'{{"port": {json.dumps(port)}, "hauteurs": ['
            yield ", ".join(map(str, levels))
            yield "]}\n"

        return Response(stream_with_context(body()), mimetype="application/json; charset=utf-8")

    def erreur(message):
        abort(current_app.make_response(({"erreur": message}, 404)))

    @app.route("/donnees/", methods=["GET", "POST", "PUT", "DELETE"])
    @app.route("/donnees/<path:_>", methods=["GET", "POST", "PUT", "DELETE"])
    def inconnu(_=""):
        erreur("ressource inconnue")

    @app.get("/ressources/<path:_>")
    def perdu(_):
        abort(404)

    @app.get("/")
    @app.get("/<path:chemin>")
    def shell(chemin=None):
        page = SHELL.format(nonce=g.nonce, ports=json.dumps(sorted(PORTS)))
        return Response(page, headers={
            "Content-Security-Policy": f"default-src 'self'; img-src data:; script-src 'nonce-{g.nonce}'; base-uri 'none'",
            "Cache-Control": "no-store",
        })

    return app
