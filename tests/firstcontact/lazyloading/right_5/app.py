"""The central URL map is a JSON file; the languages' paths lead to the same lazy views."""
import json
import pkgutil
from functools import cached_property
from pathlib import Path

from flask import Flask, g, request


class Lazily:
    def __init__(self, import_name):
        self.import_name = import_name
        self.__module__, _, self.__name__ = import_name.rpartition(".")

    @cached_property
    def function(self):
        return pkgutil.resolve_name(f"{self.__module__}:{self.__name__}")

    def __call__(self, *args, **kwargs):
        return self.function(*args, **kwargs)

    def __eq__(self, other):  # two of the same name are the same view to add_url_rule
        return isinstance(other, Lazily) and other.import_name == self.import_name

    def __hash__(self):
        return hash(self.import_name)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    for entry in json.loads(Path(app.root_path, "urls.json").read_text("utf-8")):
        for language, path in entry["paths"].items():
            app.add_url_rule(
                path,
                endpoint=entry["endpoint"],
                view_func=Lazily(entry["view"]),
                defaults={"language": language},
                methods=entry.get("methods"),
            )

    @app.url_value_preprocessor
    def take_language(endpoint, values):
        g.language = values.pop("language", "en") if values else "en"

    @app.after_request
    def say_language(response):
        response.content_language.add(g.get("language", "en"))
        return response

    return app
