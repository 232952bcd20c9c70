"""The endpoint is the import name: view_functions looks for it when it is asked for."""
from flask import Flask
from werkzeug.routing import Map, Rule, Submount
from werkzeug.utils import import_string


class Views(dict):
    def __missing__(self, endpoint):
        view = self[endpoint] = import_string(f"parts.{endpoint}")
        return view


RULES = [
    Rule("/", endpoint="front.page", methods=["GET"]),
    Submount("/archive", [
        Rule("/<int:year>", endpoint="archive.of_year", methods=["GET"]),
        Rule("/<int:year>/<path:name>", endpoint="archive.one", methods=["GET", "DELETE"]),
    ]),
]


class App(Flask):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.view_functions = Views(self.view_functions)
        for factory in RULES:
            for rule in factory.get_rules(self.url_map):
                rule = rule.empty()  # RULES are for every app; a rule belongs to one map
                rule.provide_automatic_options = True
                rule.methods.add("OPTIONS")
                self.url_map.add(rule)


def create_app(config=None):
    app = App(__name__)
    app.config.from_mapping(config or {})

    @app.before_request  # here, not in the parts: it has to be there for the first request
    def count():
        app.extensions["served"] = app.extensions.get("served", 0) + 1

    return app
