"""A magazine with a back office that is an application of its own."""
from flask import Flask, render_template_string, url_for

PAGE = """<!doctype html><title>{{ title }}</title><h1>{{ title }}</h1><a href="{{ link }}">more</a>"""


class Mounts:
    """Combines WSGI applications by path prefix, the longest first."""

    def __init__(self, app, mounts):
        self.app = app
        self.mounts = sorted(mounts.items(), key=lambda item: len(item[0]), reverse=True)

    def __call__(self, environ, start_response):
        path = environ.get("PATH_INFO", "")
        for prefix, app in self.mounts:
            if path.startswith(prefix):
                environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix
                environ["PATH_INFO"] = path[len(prefix):]
                return app(environ, start_response)
        return self.app(environ, start_response)


def create_office():
    office = Flask("office")

    @office.get("/")
    def desk():
        return render_template_string(PAGE, title="Office", link=url_for("drafts"))

    @office.get("/drafts")
    def drafts():
        return {"drafts": ["Spring issue"]}

    return office


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})

    @app.get("/")
    def front():
        return render_template_string(PAGE, title="Magazine", link=url_for("article", slug="spring"))

    @app.get("/<slug>")
    def article(slug):
        return render_template_string(PAGE, title=slug, link=url_for("front"))

    app.wsgi_app = Mounts(app.wsgi_app, {"/office": create_office()})
    return app
