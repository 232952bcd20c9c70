"""Console of a DNS provider: domains, records, and a page for each."""
import re

from flask import Blueprint, Flask, abort, jsonify

api = Blueprint("api", __name__, url_prefix="/api/v1")
ui = Blueprint("ui", __name__, static_folder="ui", static_url_path="/ui")

DOMAINS = {
    "example.com": [["A", "192.0.2.1"], ["MX", "mail.example.com"]],
    "example.org": [["AAAA", "2001:db8::1"]],
}


@api.get("/domains")
def domains():
    return jsonify(sorted(DOMAINS))


@api.get("/domains/<name>")
def domain(name):
    if name not in DOMAINS:
        abort(404)
    return jsonify(name=name, records=DOMAINS[name])


@api.errorhandler(404)
def missing(error):
    return jsonify(message="No such domain."), 404


@api.route("/", methods=["GET", "POST", "PUT", "DELETE"])
@api.route("/<path:path>", methods=["GET", "POST", "PUT", "DELETE"])
def nothing_here(path=""):
    return jsonify(message="No such endpoint."), 404


@ui.get("/")
@ui.get("/<path:path>")
def page(path=""):
    # A path with an extension is a file: let a missing script, picture or map
    # be a 404 rather than the page.
    if re.search(r"\.\w+$", path):
        abort(404)
    return ui.send_static_file("index.html")


def create_app(config=None):
    app = Flask(__name__, static_folder=None)
    app.config.from_mapping(config or {})
    app.register_blueprint(api)
    app.register_blueprint(ui)
    return app
