from flask import Flask, g
from werkzeug.utils import cached_property, import_string


class LazyView:
    def __init__(self, import_name):
        self.__module__, self.__name__ = import_name.rsplit(".", 1)
        self.import_name = import_name

    @cached_property
    def view(self):
        return import_string(self.import_name)

    def __call__(self, *args, **kwargs):
        return self.view(*args, **kwargs)


def create_app(config=None):
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "not a secret"
    app.config.update(config or {})

    @app.teardown_appcontext
    def close(error):
        g.pop("db", None)

    def url(name, *rules, **options):
        for rule in rules:
            app.add_url_rule(rule, view_func=LazyView(f"clinic.{name}"), **options)

    url("public.index", "/")
    url("public.opening_hours", "/hours/<weekday>")
    url("public.login", "/login", methods=["GET", "POST"])
    url("rota.week", "/rota/<int:week>")
    return app
