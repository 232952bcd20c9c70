"""Nested blueprints with lazy views in each; the helper knows its package."""
import importlib
import threading

from flask import Blueprint, Flask


class Deferred:
    def __init__(self, import_name):
        self.__module__, self.__name__ = import_name.rsplit(".", 1)
        self.__qualname__ = self.__name__
        self.__doc__ = None
        self._lock = threading.RLock()

    def __repr__(self):
        return f"<deferred {self.__module__}.{self.__name__}>"

    def __call__(self, /, *args, **kwargs):
        try:
            target = self._target
        except AttributeError:
            with self._lock:
                target = self._target = getattr(importlib.import_module(self.__module__), self.__name__)
        return target(*args, **kwargs)


class LazyBlueprint(Blueprint):
    def lazy(self, rule, import_name, **options):
        self.add_url_rule(rule, view_func=Deferred(f"pieces.{import_name}"), **options)


api = LazyBlueprint("api", __name__, url_prefix="/api")
admin = LazyBlueprint("admin", __name__, url_prefix="/admin")
api.lazy("/", "public.index")
api.lazy("/echo/<word>", "public.echo", strict_slashes=False)
admin.lazy("/", "private.index")
admin.lazy("/users/<uuid:key>", "private.user", methods=["GET", "PUT"])
api.register_blueprint(admin)


@admin.after_request
def no_store(response):
    response.headers["Cache-Control"] = "no-store"
    return response


def create_app(config=None):
    app = Flask("app")
    app.config.update(config or {})
    app.register_blueprint(api)
    app.register_blueprint(api, name="v2", url_prefix="/v2")
    return app
