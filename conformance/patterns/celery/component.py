"""The init function, with a small host app that sends the kit's own task."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import flask

from ...core.errors import Broken, Deviation
from .abilities import Configuring

if TYPE_CHECKING:
    from ...transports import WSGIApp


class CeleryComponent(Configuring):
    """The init function, with a small host app that sends the kit's own task."""

    kind = "component"
    keys = ("celery_init_app",)

    def make_with(self, settings: Mapping[str, object]) -> flask.Flask:
        """Return a host app on which `celery_init_app` was called."""
        own = {
            key: value for key, value in self.own_settings.items() if not key.startswith("CELERY")
        }
        app = flask.Flask("conformance_host")
        app.config.update(own)
        app.config["PROPAGATE_EXCEPTIONS"] = True
        app.config["CELERY"] = dict(settings)
        # For functions that read flat keys with a prefix.
        app.config.update({f"CELERY_{key.upper()}": value for key, value in settings.items()})

        @app.post("/perform")
        def perform() -> str:
            self.nodes.perform.delay()
            return "sent"

        init = self.component("celery_init_app")
        app.extensions["conformance"] = self.call("celery_init_app(app)", init, app)
        return app

    def make_another(self) -> None:
        """Create a second host app, which lives as long as the first."""
        self.need_app()  # created first
        self.app.extensions["conformance.another"] = self.make_with(self.embedded)

    def celery_of(self, app: Any) -> Any:
        """Return the Celery app that the function registered, or else returned."""
        found = app.extensions.get("celery") or app.extensions["conformance"]
        if not hasattr(found, "conf"):
            raise Broken("celery_init_app(app) neither registers nor returns a Celery app")
        return found

    @functools.cached_property
    def rehearsed(self) -> str:
        """The kit's own task."""
        return str(self.nodes.perform.name)

    def send_task(self, app: WSGIApp) -> None:
        """Send the kit's task from a view of the host app."""
        response = self.client(app).post("/perform")
        if response.status != 200:
            raise Deviation("a view to start a shared task with delay()", str(response))

    def configured(self, settings: Mapping[str, object]) -> Mapping[str, object]:
        """Create a Celery app with these settings on top of the kit's."""
        conf: Mapping[str, object] = self.celery_of(
            self.make_with({**self.embedded, **settings})
        ).conf
        return conf

    def returned(self, app: Any) -> Any:
        """Return what the function returned."""
        return app.extensions["conformance"]
