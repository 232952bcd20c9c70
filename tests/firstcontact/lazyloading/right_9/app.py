"""Panadería: las URL están en routes.toml, las vistas se cargan tarde."""
import tomllib
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import panaderia.handlers
from panaderia.perezosa import vista

HERE = Path(__file__).parent


def create_app(**settings):
    app = Flask("panaderia", root_path=str(HERE / "panaderia"))
    app.config.from_mapping(SECRET_KEY="secreto", JSON_SORT_KEYS=False)
    app.config.from_mapping(settings)

    with open(HERE / "routes.toml", "rb") as f:
        for route in tomllib.load(f)["route"]:
            view = vista(route["view"])
            for path in route["paths"]:
                app.add_url_rule(
                    path,
                    endpoint=route.get("name"),
                    view_func=view,
                    methods=route.get("methods"),
                    defaults=route.get("defaults"),
                )

    panaderia.handlers.init_app(app)
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_prefix=1)
    return app
