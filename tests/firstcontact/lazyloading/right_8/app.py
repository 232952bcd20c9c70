"""API of class-based views that are imported late."""
from flask import Flask
from flask.views import View
from werkzeug.exceptions import HTTPException
from werkzeug.utils import import_string


class LazyView:
    """For functions and for ``View`` classes alike."""

    def __init__(self, import_name, *init_args, **init_kwargs):
        self.import_name = import_name
        self.__module__, self.__name__ = import_name.rsplit(".", 1)
        self._init = init_args, init_kwargs
        self._view = None

    @property
    def view(self):
        if self._view is None:
            found = import_string(self.import_name)
            if isinstance(found, type) and issubclass(found, View):
                args, kwargs = self._init
                found = found.as_view(self.__name__, *args, **kwargs)
            self._view = found
        return self._view

    def __call__(self, **kwargs):
        return self.view(**kwargs)


class Api(Flask):
    def route_table(self, prefix, table):
        for rule, (name, methods) in table.items():
            self.add_url_rule(prefix + rule, view_func=LazyView(name), methods=methods.split())


app = Api(__name__)
app.route_table("/api/v1", {
    "/stations": ("rail.stations.Stations", "GET POST"),
    "/stations/<code>": ("rail.stations.Station", "GET DELETE"),
    "/timetable/<code>.xml": ("rail.timetable.Timetable", "GET"),
    "/ping": ("rail.misc.ping", "GET HEAD"),
})


@app.errorhandler(HTTPException)
def problem(error):
    body = {"title": error.name, "status": error.code}
    return app.json.dumps(body), error.code, {"Content-Type": "application/problem+json"}
