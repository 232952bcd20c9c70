"""Project sites below their first path segment; new projects appear while it runs."""
from threading import Lock
from wsgiref.util import shift_path_info

from flask import Flask, abort, current_app, jsonify, request

PROJECTS = {"apollo": "Apollo", "gemini": "Gemini"}


class PathDispatcher:
    def __init__(self, default_app, create_app):
        self.default_app = default_app
        self.create_app = create_app
        self.lock = Lock()
        self.instances = {}

    def get_application(self, prefix):
        with self.lock:
            if prefix not in self.instances:
                self.instances[prefix] = self.create_app(prefix)
            return self.instances[prefix]

    def __call__(self, environ, start_response):
        prefix = environ.get("PATH_INFO", "").lstrip("/").split("/", 1)[0]
        app = self.get_application(prefix)
        if app is None:
            return self.default_app(environ, start_response)
        shift_path_info(environ)
        return app(environ, start_response)


def create_project(prefix):
    if prefix not in PROJECTS:
        return None
    project = Flask(__name__)
    project.config["PROJECT"] = PROJECTS[prefix]

    @project.get("/")
    def home():
        return {"project": current_app.config["PROJECT"], "root": request.script_root}

    return project


app = Flask(__name__)


@app.get("/")
def listing():
    return jsonify(sorted(PROJECTS))


@app.post("/")
def add():
    key = request.form.get("key", "")
    if not key.isidentifier():
        abort(400)
    PROJECTS[key] = request.form.get("title", key)
    return {"created": key}, 201


application = PathDispatcher(app, create_project)
