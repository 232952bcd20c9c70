"""Class-based views: the class is imported at the first request, what methods it has is said before."""
from flask import Flask
from werkzeug.utils import import_string


class lazy:  # noqa: N801, it is used like a function
    """Finds a function; or a view class, and makes a view of it."""

    found = None

    def __init__(self, import_name, methods=None, **options):
        self.__module__, _, self.__name__ = import_name.rpartition(".")
        self.import_name, self.methods, self.options = import_name, methods, options

    def __call__(self, *args, **kwargs):
        if self.found is None:
            found = import_string(self.import_name)
            self.found = found.as_view(self.__name__, **self.options) if isinstance(found, type) else found
        return self.found(*args, **kwargs)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping({"PAGE_SIZE": 20}, **(config or {}))
    app.add_url_rule("/birds", view_func=lazy("aviary.birds.Birds", ["GET", "POST"], size=app.config["PAGE_SIZE"]))
    app.add_url_rule("/birds/<name>", view_func=lazy("aviary.bird.Bird", ["GET", "PUT", "DELETE"]))
    app.add_url_rule("/feed", view_func=lazy("aviary.feed.feed"))
    return app
