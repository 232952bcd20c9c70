"""A small library catalogue with a central URL map."""
import functools
import importlib

from flask import Flask, jsonify


def lazy(import_name):
    """A view that imports ``package.module.function`` when it is first called."""
    module_name, _, attribute = import_name.rpartition(".")

    @functools.lru_cache(maxsize=None)
    def load():
        return getattr(importlib.import_module(module_name), attribute)

    def view(*args, **kwargs):
        return load()(*args, **kwargs)

    return view


app = Flask(__name__)

# path, endpoint, view
URLS = [
    ("/", "home", "library.pages.home"),
    ("/books", "books", "library.books.listing"),
    ("/books/<isbn>", "book", "library.books.detail"),
    ("/members/<int:number>", "member", "library.members.card"),
]

for path, endpoint, import_name in URLS:
    app.add_url_rule(path, endpoint=endpoint, view_func=lazy(import_name))


@app.errorhandler(404)
def not_found(error):
    return jsonify(error="not found"), 404


@app.after_request
def nosniff(response):
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


if __name__ == "__main__":
    app.run()
