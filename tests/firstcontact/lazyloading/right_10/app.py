"""Mounted below /intern; lazy views step aside once they are loaded."""
from flask import Flask, current_app, has_request_context, request
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.utils import import_string


class OneShot:
    """Replaces itself in ``app.view_functions`` by the function it imported."""

    def __init__(self, import_name):
        self.import_name = import_name
        self.__module__, self.__name__ = import_name.rsplit(".", 1)
        self.__wrapped_view = None

    def __call__(self, *args, **kwargs):
        view = self.__wrapped_view
        if view is None:
            view = self.__wrapped_view = import_string(self.import_name)
        if has_request_context():
            functions = current_app.view_functions
            for endpoint in [e for e, f in functions.items() if f is self]:
                functions[endpoint] = current_app.ensure_sync(view)
        return view(*args, **kwargs)


class UrlMap:
    """An extension: ``UrlMap(package, {...}).init_app(app)``."""

    def __init__(self, package, urls):
        self.package = package
        self.urls = urls

    def init_app(self, app):
        for rule, target in self.urls.items():
            name, *methods = target.split()
            app.add_url_rule(rule, view_func=OneShot(f"{self.package}.{name}"),
                             methods=methods or ["GET"], strict_slashes=False)


urls = UrlMap("intra", {
    "/intern/": "board.notices",
    "/intern/notices/<int:id>": "board.notice",
    "/intern/search": "finder.search GET POST",
    "/intern/menu.csv": "canteen.menu",
})

app = Flask(__name__)
app.config["APPLICATION_ROOT"] = "/"
urls.init_app(app)


@app.url_value_preprocessor
def positive(endpoint, values):
    if values and values.get("id") == 0:
        values["id"] = 1
