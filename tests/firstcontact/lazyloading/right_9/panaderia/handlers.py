"""Lo que tiene que estar desde la primera petición."""
import time

from flask import g, request


def init_app(app):
    @app.before_request
    def reloj():
        g.inicio = time.perf_counter()
        g.moneda = request.args.get("moneda", "EUR")

    @app.after_request
    def duracion(respuesta):
        respuesta.headers["Server-Timing"] = f"app;dur={(time.perf_counter() - g.inicio) * 1000:.1f}"
        return respuesta

    @app.context_processor
    def tienda():
        return {"tienda": "La Espiga"}
