"""Tenants of an office building, one app for each first path segment."""
from threading import Lock

from flask import Flask, current_app, redirect, render_template_string, url_for

TENANTS = {"lawyers": "Law firm", "dentist": "Dentist"}
PAGE = """<!doctype html><title>{{ name }}</title><h1>{{ name }}</h1>
<a href="{{ url_for("contact") }}">Contact</a>"""


class TenantDispatcher:
    def __init__(self, default_app, create_app):
        self.default_app = default_app
        self.create_app = create_app
        self.lock = Lock()
        self.instances = {}

    def find(self, prefix):
        with self.lock:
            app = self.instances.get(prefix)
            if app is None:
                app = self.create_app(prefix)
                if app is not None:
                    self.instances[prefix] = app
            return app

    def __call__(self, environ, start_response):
        prefix, _, rest = environ.get("PATH_INFO", "").lstrip("/").partition("/")
        app = self.find(prefix)
        if app is None:
            return self.default_app(environ, start_response)
        environ = {**environ, "PATH_INFO": "/" + rest}
        return app(environ, start_response)


def create_tenant(prefix):
    if prefix not in TENANTS:
        return None
    tenant = Flask(__name__)
    tenant.config["NAME"] = TENANTS[prefix]

    @tenant.get("/")
    def home():
        return render_template_string(PAGE, name=current_app.config["NAME"])

    @tenant.get("/contact")
    def contact():
        return {"phone": "555-1234"}

    @tenant.get("/start")
    def start():
        return redirect(url_for("home"))

    return tenant


app = Flask(__name__)


@app.get("/")
def building():
    return {"tenants": sorted(TENANTS)}


application = TenantDispatcher(app, create_tenant)
