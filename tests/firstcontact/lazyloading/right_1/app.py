"""A closure; the import is done once, under a lock; async views work too."""
from functools import partial, wraps
from importlib import import_module
from inspect import iscoroutinefunction
from threading import Lock

from flask import Flask, current_app


def später(import_name):
    module_name, _, name = import_name.rpartition(".")
    function = None
    lock = Lock()

    def view(*args, **kwargs):
        nonlocal function
        if function is None:
            with lock:
                if function is None:  # stays None, to be tried again, where the import fails
                    function = getattr(import_module(module_name), name)
        if iscoroutinefunction(function):
            return current_app.ensure_sync(function)(*args, **kwargs)
        return function(*args, **kwargs)

    view.__module__, view.__name__, view.__qualname__ = module_name, name, name
    return view


PAGES = [
    ("/", "kino.programm.heute", {}),
    ("/film/<titel>", "kino.programm.film", {}),
    ("/film/", "kino.programm.film", {"defaults": {"titel": "Überraschung"}}),
    ("/karten", "kino.kasse.karten", {"methods": {"GET", "PATCH"}}),
]


def create_app(config=None):
    app = Flask(__name__, static_folder=None)
    app.config.update(config or {})
    views = {name: später(name) for _, name, _ in PAGES}
    for rule, name, options in PAGES:
        app.add_url_rule(rule, view_func=views[name], **options)
    return app
