"""JavaScript, fetch, and JSON.

A page hands data and URLs to its script with `tojson`: in a script block, or in a data
attribute with single quotes. The script then asks for JSON, sends forms and JSON, and puts
fragments of HTML into the page. What the API receives is checked like any input: that it
is JSON does not say that it is the right JSON.
"""

from __future__ import annotations

import dataclasses
import random
from typing import Any, TypeGuard

from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    json,
    jsonify,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

FACTS = (
    "Granite cools slowly.",
    "Obsidian is a glass.",
    "Pumice floats.",
    "Slate was mud.",
)

bp = Blueprint("javascript", __name__, url_prefix="/javascript")
api = Blueprint("api", __name__, url_prefix="/api")


@dataclasses.dataclass
class Room:
    """A room; the code of its door is for nobody."""

    number: int
    name: str
    description: str
    capacity: int
    door_code: str

    def to_json(self) -> dict[str, Any]:
        """Return what everybody may see, name by name: not whatever the object has."""
        return {
            "id": self.number,
            "name": self.name,
            "description": self.description,
            "capacity": self.capacity,
            # A file is not part of JSON: its URL is.
            "picture": url_for("static", filename="favicon.ico"),
        }


# Pages.


@bp.get("/")
def index() -> str:
    try:
        chart_data = json.loads(request.args.get("data", "[3, 1, 2]"))
        # Python reads and writes NaN and Infinity, which are no JSON.
        json.dumps(chart_data, allow_nan=False)
    except (ValueError, RecursionError):
        abort(400, "The data is no JSON.")
    name = request.args.get("name") or "Ada"
    return render_template(
        "javascript/index.html",
        chart_data=chart_data,
        name=name,
        fact=FACTS[0],
        rooms=rooms().values(),
    )


@bp.get("/fact")
def fact() -> str:
    """Return a part of the page."""
    name = request.args.get("name", "Ada")
    return render_template("javascript/fact.html", name=name, fact=random.choice(FACTS[1:]))


@bp.post("/login")
def login() -> ResponseReturnValue:
    if not request.form.get("name"):
        return {"error": "Who are you?"}, 400
    session["javascript.name"] = request.form["name"][:80]
    return redirect(url_for(".index"), 303)


@bp.delete("/login")
def logout() -> Response:
    session.pop("javascript.name", None)
    # Any other status would make fetch send its DELETE to the page, too.
    return redirect(url_for(".index"), 303)


# The API.


@api.get("/greetings/<name>")
def greeting(name: str) -> dict[str, str]:
    return {"greeting": f"Hello, {name}!"}


@api.get("/rooms")
def room_list() -> Response:
    return jsonify([room.to_json() for room in rooms().values()])


@api.get("/rooms/<int:number>")
def room_detail(number: int) -> dict[str, Any]:
    return find_room(number).to_json()


@api.put("/rooms/<int:number>")
def room_update(number: int) -> dict[str, Any]:
    room, data = find_room(number), received_json()
    if not isinstance(data, dict):
        abort(400, "An object is expected.")
    name, description, capacity = map(data.get, ("name", "description", "capacity"))
    if not (is_text(name, 200) and is_text(description, 2000)):
        abort(400, "A room has a name and a description.")
    if type(capacity) is not int or not 0 < capacity <= 1000:
        abort(400, "A room is for 1 to 1000 people.")
    room.name, room.description, room.capacity = name, description, capacity
    return room.to_json()


@api.post("/rooms/<int:number>/messages")
def message_create(number: int) -> ResponseReturnValue:
    find_room(number)
    # A missing field is a 400.
    return {"room": number, "text": request.form["text"]}, 201


@api.errorhandler(HTTPException)
def show_error(error: HTTPException) -> ResponseReturnValue:
    """Answer with JSON in place of HTML: `response.json()` works for errors, too."""
    response = error.get_response()
    response.data = json.dumps({"status": error.code, "error": error.description})
    response.content_type = "application/json"
    return response


@bp.app_errorhandler(405)
def show_wrong_method(error: HTTPException) -> ResponseReturnValue:
    """Answer likewise where the router refuses a method, which no blueprint's handler sees."""
    return show_error(error) if request.path.startswith("/javascript/api/") else error


def received_json() -> Any:
    """Return the request's JSON; 415 where it has another type, 400 where it is none."""
    try:
        return request.get_json()
    except RecursionError:
        abort(400, "The JSON is nested too deeply.")


def is_text(value: object, longest: int) -> TypeGuard[str]:
    """Check whether a JSON value is a string that fits, and that can be written as UTF-8."""
    if not isinstance(value, str) or len(value) > longest:
        return False
    # JSON can have half of a surrogate pair.
    return not any("\ud800" <= char <= "\udfff" for char in value)


def rooms() -> dict[int, Room]:
    found: dict[int, Room] = current_app.extensions["javascript"]
    return found


def find_room(number: int) -> Room:
    return rooms().get(number) or abort(404, "There is no such room.")


bp.register_blueprint(api)


def init_app(app: Flask) -> None:
    app.extensions["javascript"] = {
        1: Room(1, "Flask Room", "Talk about Flask here.", 12, "4711"),
        2: Room(2, "Jinja Room", "Talk about Jinja here.", 8, "0815"),
    }
    app.register_blueprint(bp)
