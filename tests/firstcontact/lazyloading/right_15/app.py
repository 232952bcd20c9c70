from flask import Flask
from werkzeug.routing import Rule, Submount

from factory_floor.views_map import LAZY, ViewTable, view


class FloorApp(Flask):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.view_functions = ViewTable(self.view_functions)


def create_app(prefix="/floor"):
    app = FloorApp("factory_floor")
    app.jinja_options = {"autoescape": True}
    app.teardown_appcontext(lambda error: None)

    # endpoints are the import names; the URL map is filled directly
    app.url_map.add(Submount(prefix, [
        Rule("/", endpoint="factory_floor.screens.board", methods=["GET"]),
        Rule("/machine/<uuid:key>", endpoint="factory_floor.screens.machine", methods=["GET"]),
        Rule("/metrics", endpoint="factory_floor.telemetry.metrics", methods=["GET"]),
    ]))
    # and one that goes through add_url_rule, with the same helper
    app.add_url_rule(f"{prefix}/health", view_func=view("factory_floor.health.check"))
    assert LAZY
    return app
