"""Application factories.

Everything is created unbound, once, when the module is imported: the extension and
the blueprint know no application. `create_app` binds them to a new one, as often as it
is called.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Flask, current_app, render_template
from flask.blueprints import BlueprintSetupState
from werkzeug.middleware.proxy_fix import ProxyFix


class Site:
    """An extension: what belongs to an application is in `app.extensions`, not on it."""

    def init_app(self, app: Flask) -> None:
        """Take up the settings of an application."""
        app.extensions["site"] = {"title": f"Welcome to {app.config['SITE_NAME']}"}

    def title(self) -> str:
        """Return the title of the current application's site."""
        title: str = current_app.extensions["site"]["title"]
        return title


site = Site()
bp = Blueprint("appfactories", __name__, url_prefix="/appfactories")


@bp.record
def set_up(state: BlueprintSetupState) -> None:
    """Change the application that the blueprint is being registered with."""
    state.app.jinja_env.globals["site_title"] = site.title


@bp.get("/")
def index() -> str:
    return render_template("appfactories/index.html", name=current_app.config["SITE_NAME"])


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Make an application; `config` overrides the file and the environment."""
    app = Flask(__name__)
    # A file is looked for in the application's own folder, wherever it is started from.
    app.config.from_pyfile("defaults.cfg")
    app.config["SECRET_KEY"] = secrets.token_hex()
    app.config.from_prefixed_env()
    app.config.from_mapping(config or {})
    # Only now: what follows reads the settings.
    init_app(app)
    # Around the callable, not around the application, which stays a Flask object.
    app.wsgi_app = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]
    return app


def init_app(app: Flask) -> None:
    """Bind the extension and register the blueprint."""
    site.init_app(app)
    app.register_blueprint(bp)
