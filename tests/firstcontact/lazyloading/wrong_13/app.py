"""Museum website; the modules of closed exhibitions get removed from time to time."""
from flask import Flask, abort, render_template_string
from werkzeug.utils import import_string

LAYOUT = "<!doctype html><title>{{ title }}</title><h1>{{ title }}</h1>"


class LazyView:
    """Imports the view at its first call.

    A view whose module is gone is answered like any other page that is gone.
    """

    def __init__(self, import_name):
        self.import_name = import_name
        self.__module__, _, self.__name__ = import_name.rpartition(".")
        self.view = None

    def __call__(self, *args, **kwargs):
        if self.view is None:
            self.view = import_string(self.import_name, silent=True)
        if self.view is None:
            abort(404)
        return self.view(*args, **kwargs)


app = Flask(__name__)


def url(rule, name, **options):
    app.add_url_rule(rule, view_func=LazyView(f"museum.{name}"), **options)


url("/", "visit.start")
url("/tickets", "visit.tickets")
url("/halls/<int:hall>", "halls.hall")
url("/artists/<name>", "artists.artist")


@app.errorhandler(404)
def gone(error):
    return render_template_string(LAYOUT, title="This page is not on display"), 404
