"""Server-rendered site with a single-page console below /console/, for people who log in."""
from functools import wraps

from flask import Blueprint, Flask, Response, abort, json, redirect, request, session, url_for
from werkzeug.exceptions import HTTPException

TYPE = "application/vnd.api+json"
PASSWORDS = {"ada": "analytical", "grace": "cobol"}

console = Blueprint("console", __name__, url_prefix="/console", static_folder="console_build", static_url_path="/_static")


def document(status=200, **members):
    return Response(json.dumps(members), status, content_type=TYPE)


def problem(status, title):
    return document(status, errors=[{"status": str(status), "title": title}])


def login_required(view):
    @wraps(view)
    def wrapper(**kwargs):
        if "person" not in session:
            return problem(401, "Log in first")
        return view(**kwargs)

    return wrapper


@console.post("/api/session")
def log_in():
    name = request.form.get("name", "")
    if name not in PASSWORDS or PASSWORDS[name] != request.form.get("password"):
        return problem(403, "Wrong name or password")
    session["person"] = name
    return redirect(url_for(".page"), 303)


@console.post("/api/session/end")
def log_out():
    session.clear()
    return redirect(url_for(".page"), 303)


@console.get("/api/me")
@login_required
def me():
    return document(data={"type": "people", "id": session["person"], "attributes": {"greeting": f"Hello {session['person']}!"}})


@console.get("/api/servers")
def servers():
    return document(data=[{"type": "servers", "id": "fra-1"}, {"type": "servers", "id": "zrh-2"}])


@console.get("/api/servers/<id>")
@login_required
def server(id):
    if id not in ("fra-1", "zrh-2"):
        abort(404)
    return document(data={"type": "servers", "id": id, "attributes": {"load": 0.4}})


@console.route("/api/", methods=["GET", "POST", "PATCH", "DELETE"])
@console.route("/api/<path:path>", methods=["GET", "POST", "PATCH", "DELETE"])
def no_api(path=""):
    abort(404)


@console.errorhandler(HTTPException)
def failed(error):
    if "/api/" in request.path:
        return problem(error.code, error.name)
    return error


@console.get("/")
@console.get("/<path:path>")
def page(path=""):
    return console.send_static_file("console.html")


def create_app(config=None):
    app = Flask(__name__)
    app.config.update(SECRET_KEY="console", SESSION_COOKIE_SAMESITE="Lax")
    app.config.update(config or {})
    app.register_blueprint(console)

    @app.get("/")
    def home():
        return "<!doctype html><title>Hosting</title><h1>Hosting</h1><a href='/console/'>Console</a>"

    return app
