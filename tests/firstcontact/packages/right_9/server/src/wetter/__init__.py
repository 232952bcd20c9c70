from werkzeug.utils import cached_property, import_string
from flask import Flask


class LazyView:
    """A view that is imported when it is first called."""

    def __init__(self, name):
        self.__module__, self.__name__ = name.rsplit(".", 1)
        self.import_name = name

    @cached_property
    def view(self):
        return import_string(self.import_name)

    def __call__(self, *args, **kwargs):
        return self.view(*args, **kwargs)


URLS = [
    ("/v1/stations", "wetter.stations.index"),
    ("/v1/stations/<code>", "wetter.stations.one"),
    ("/v1/search", "wetter.search.search"),
    ("/v1/about", "wetter.about.about"),
]


def make():
    app = Flask(__name__, static_folder=None)
    app.json.compact = True
    for rule, name in URLS:
        app.add_url_rule(rule, endpoint=name, view_func=LazyView(name))
    app.register_error_handler(404, lambda e: ({"fehler": "unbekannt"}, 404))
    app.register_error_handler(400, lambda e: ({"fehler": e.description}, 400))
    return app
