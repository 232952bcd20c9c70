"""A status page for several tenants in one process."""
from flask import Blueprint, Flask, current_app, g, render_template_string, request_started

status = Blueprint("status", __name__, url_prefix="/status")

SERVICES = {"api": "up", "mail": "up", "search": "degraded"}

PAGE = """<!doctype html><title>{{ g.tenant.name }}</title>
<h1>Services of {{ g.tenant.name }}</h1>
<table>{% for name, state in services.items() %}<tr><th>{{ name }}<td>{{ state }}{% endfor %}</table>
<footer>Mail {{ g.tenant.contact }}</footer>"""


@status.get("/")
def overview():
    return render_template_string(PAGE, services=SERVICES)


@status.get("/<name>.json")
def service(name):
    if name not in SERVICES:
        return {"error": "no such service"}, 404
    return {"tenant": g.tenant.name, "state": SERVICES[name]}


class Tenant:
    def __init__(self, config):
        self.name = config["TENANT"]
        self.contact = config.get("CONTACT", "root@example.org")


class Tenants:
    """Extension: makes g.tenant available to views and templates."""

    def init_app(self, app):
        tenant = Tenant(app.config)
        app.extensions["tenants"] = tenant

        def set_tenant(sender, **extra):
            g.tenant = tenant

        request_started.connect(set_tenant, weak=False)

    def label(self):
        return f"tenant:{current_app.extensions['tenants'].name}"


tenants = Tenants()


def create_app(config=None):
    app = Flask(__name__)
    app.config["TENANT"] = "Example Corp"
    app.config.from_mapping(config or {})
    tenants.init_app(app)
    app.register_blueprint(status)
    return app
