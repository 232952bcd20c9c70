"""A town's site: the pool has its own app, and so have the pool's tickets."""
from flask import Flask, request


class Combined:
    def __init__(self, default, **apps):
        self.default = default
        self.apps = {"/" + name.replace("__", "/"): app for name, app in apps.items()}

    def pick(self, path):
        for prefix, app in self.apps.items():
            if path == prefix or path.startswith(prefix + "/"):
                return prefix, app
        return "", self.default

    def __call__(self, environ, start_response):
        path = environ.get("PATH_INFO", "")
        prefix, app = self.pick(path)
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix
        environ["PATH_INFO"] = path[len(prefix):]
        return app(environ, start_response)


def make(name, *paths):
    part = Flask(name)

    @part.get("/")
    def index():
        return {"part": name, "root": request.script_root, "paths": paths}

    for path in paths:
        part.add_url_rule(f"/{path}", path, lambda path=path: {"part": name, "page": path})
    return part


def create_app(config=None):
    app = make("town", "news", "council")
    app.config.from_mapping(config or {})
    app.wsgi_app = Combined(
        app.wsgi_app,
        pool=make("pool", "lanes", "sauna"),
        pool__tickets=make("tickets", "prices"),
        library=make("library", "books"),
    )
    return app
