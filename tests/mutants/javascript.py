"""Pages with scripts and their API, each with one believable mistake."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import flask
import jinja2
from markupsafe import escape
from werkzeug.exceptions import BadRequest, MethodNotAllowed

import reference.javascript
from conformance import Subject
from conformance.subject.config import load_config
from reference.javascript import find_room, is_text, received_json, rooms
from tests.proof import mutant

ROOT = Path(reference.javascript.__file__).parents[1]
TEMPLATES = ROOT / "reference" / "templates" / "javascript"
SCRIPT = ROOT / "reference" / "static" / "javascript.js"
BINDING = load_config(ROOT / "pyproject.toml")["patterns"]["javascript"]


def changed(change: Callable[[flask.Flask], object], **binding: object) -> Subject:
    """The reference in an app of its own, after a change of the app and of the binding."""

    def create_app() -> flask.Flask:
        app = flask.Flask("reference")
        app.secret_key = "mutant"
        reference.javascript.init_app(app)
        change(app)
        return app

    return Subject(app=create_app, patterns={"javascript": {**BINDING, **binding}})


def replaced(file: Path, *changes: tuple[str, str]) -> str:
    text = file.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def template(*changes: tuple[str, str], name: str = "index.html") -> Subject:
    """The reference with changes in one template."""
    text = replaced(TEMPLATES / name, *changes)
    loader = jinja2.DictLoader({f"javascript/{name}": text})

    def change(app: flask.Flask) -> None:
        app.jinja_loader = jinja2.ChoiceLoader([loader, app.jinja_loader])  # type: ignore[list-item]
        app.add_template_filter(json.dumps, "dumps")
        app.add_template_filter(
            lambda value: json.dumps(value).replace("</", "<\\/"), "no_end_tags"
        )

    return changed(change)


def script(*changes: tuple[str, str]) -> Subject:
    """The reference with changes in the static script."""
    text = replaced(SCRIPT, *changes)

    def serve(filename: str) -> Any:
        return flask.Response(text, mimetype="text/javascript")

    return changed(lambda app: app.view_functions.update(static=serve))


def view(endpoint: str, function: Callable[..., Any], **binding: object) -> Subject:
    """The reference with another view."""
    return changed(
        lambda app: app.view_functions.update({f"javascript.{endpoint}": function}), **binding
    )


@dataclasses.dataclass
class Update:
    """The reference's update in steps, for a mutant to take one of them wrongly."""

    receive: Callable[[], Any] = received_json
    is_object: Callable[[Any], bool] = lambda data: isinstance(data, dict)
    is_text: Callable[[Any, int], bool] = is_text
    is_capacity: Callable[[Any], bool] = lambda value: type(value) is int and 0 < value <= 1000
    get: Callable[[Any, str, Any], Any] = lambda data, name, room: data.get(name)
    store: Callable[[Any], Any] = lambda value: value
    answer: Callable[[Any], Any] = lambda room: room.to_json()

    def __call__(self, number: int) -> Any:
        room, data = find_room(number), self.receive()
        if not self.is_object(data):
            flask.abort(400)
        name, description, capacity = (
            self.get(data, each, room) for each in ("name", "description", "capacity")
        )
        if not (self.is_text(name, 200) and self.is_text(description, 2000)):
            flask.abort(400)
        if not self.is_capacity(capacity):
            flask.abort(400)
        room.name, room.capacity = name, capacity
        room.description = self.store(description)
        return self.answer(room)


def update(**steps: Any) -> Subject:
    return view("api.room_update", Update(**steps))


def receive(function: Callable[[], Any]) -> Subject:
    return update(receive=function)


# What pages hand to scripts.

IN_SCRIPT = "const chart_data = {{ chart_data|tojson }}"
GREETING = '{{ url_for("javascript.api.greeting", name=name)|tojson }}'


@mutant(
    "script-roundtrip",
    says="</script in the value ends the script element",
    also=["browser-values", "browser-hostile"],
)
def dumped_and_safe() -> Subject:
    """The value is dumped with `json.dumps` and marked as safe."""
    return template((IN_SCRIPT, "const chart_data = {{ chart_data|dumps|safe }}"))


@mutant("script-roundtrip", says="&lt;/script&gt;", also=["browser-values"])
def escaped_for_html() -> Subject:
    """The script block has `{{ chart_data }}`, escaped as HTML."""
    return template((IN_SCRIPT, "const chart_data = {{ chart_data }}"))


@mutant("browser-values", says="`<!--` and `<script` in a value", also=["script-roundtrip"])
def only_end_tags_escaped() -> Subject:
    """Only `</` is escaped: `<!--<script>` still hides where the script ends."""
    return template((IN_SCRIPT, "const chart_data = {{ chart_data|no_end_tags|safe }}"))


@mutant("script-roundtrip", says="ignore its end tag", also=["browser-values"])
def only_end_tags_escaped_for_python() -> Subject:
    """The same, seen without a browser."""
    return only_end_tags_escaped()


@mutant(
    "attr-roundtrip",
    says="the attribute is in double quotes",
    also=["browser-values", "browser-hostile"],
)
def double_quotes() -> Subject:
    """The data attribute has double quotes."""
    return template(
        ("data-chart='{{ chart_data|tojson }}'", 'data-chart="{{ chart_data|tojson }}"')
    )


@mutant("attr-roundtrip", says="it has ['", also=["browser-hostile"])
def copied_into_an_unquoted_attribute() -> Subject:
    """The text is a title as well, without quotes."""
    return template(("data-chart='", "title={{ chart_data|tojson|striptags }} data-chart='"))


@mutant("browser-hostile", says="has the value escaped")
def put_in_as_html() -> Subject:
    """The script shows the data with `innerHTML`."""
    return script(('#chart").textContent =', '#chart").innerHTML ='))


# URLs.


@mutant("url-from-server", says="&#39;")
def url_in_quotes() -> Subject:
    """The URL is in quotes in the script, escaped as HTML, in place of JSON."""
    return template((GREETING, '"{{ url_for("javascript.api.greeting", name=name) }}"'))


@mutant("url-from-server", says="where the app is mounted")
def url_by_hand() -> Subject:
    """The URL is a path that is put together by hand."""
    return template((GREETING, '"/javascript/api/greetings/{{ name|urlencode }}"'))


@mutant("url-from-server", says="to lead to")
def url_of_another() -> Subject:
    """The URL is built without the name, for the default one."""
    return template((GREETING, '{{ url_for("javascript.api.greeting", name="Ada")|tojson }}'))


@mutant("script-root", says="fetch('/javascript/fact')", also=["browser-root"])
def fetches_a_fixed_path() -> Subject:
    """The script fetches a path of the server."""
    return script(("fetch(fact_url)", 'fetch("/javascript/fact")'))


@mutant("script-root", says="<script src>", also=["browser-root"])
def static_file_by_hand() -> Subject:
    """The page names its static script by hand."""
    return template(("{{ url_for('static', filename='javascript.js') }}", "/static/javascript.js"))


@mutant("script-root", says="SCRIPT_ROOT")
def root_of_the_server() -> Subject:
    """The root is that of the server, not the application's."""
    return template(("request.script_root", "request.host_url"))


@mutant("browser-root", says="also ['/javascript/fact']")
def path_in_a_variable() -> Subject:
    """The script has a path of the server in a variable."""
    return script(
        ("fetch(fact_url)", "fetch(urls.fact)"),
        ("function getJSON", 'const urls = { fact: "/javascript/fact" }\nfunction getJSON'),
    )


# fetch.


@mutant("form-json-parity", says="as FormData, multipart")
def reads_the_body_itself() -> Subject:
    """The view parses the form's body itself, and knows one type of it."""

    def create(number: int) -> Any:
        fields = parse_qs(flask.request.get_data(as_text=True), keep_blank_values=True)
        if "text" not in fields:
            flask.abort(400)
        return {"text": fields["text"][0]}, 201

    return view("api.message_create", create)


@mutant("form-json-parity", says="as submitted by")
def shows_it_decoded_twice() -> Subject:
    """The text is decoded again: what the form sent as `%20` is a space."""

    def create(number: int) -> Any:
        return {"text": parse_qs("a=" + flask.request.form["text"])["a"][0]}, 201

    return view("api.message_create", create)


@mutant("redirect-303", says="303 for the redirect after DELETE")
def found_after_delete() -> Subject:
    """After a DELETE the redirect is 302."""
    return view("logout", lambda: flask.redirect(flask.url_for("javascript.index"), 302))


@mutant("browser-redirect", says="and loads no other page")
def redirect_not_applied() -> Subject:
    """The script does not look whether the fetch was redirected."""
    return script(
        ("window.location = response.url", 'element("[role=alert]").textContent = "Welcome!"')
    )


@mutant("browser-redirect", says="Failed to execute 'fetch'")
def body_without_a_method() -> Subject:
    """The script sends the form without a method, as the docs' example does."""
    return script(('method: "POST", body', "body"))


@mutant("fragment", says="<!doctype>")
def fragment_is_a_page() -> Subject:
    """The fragment is a whole page."""
    return template(
        ("<p>", "<!doctype html><html><head><title>Fact</title></head><body><p>"), name="fact.html"
    )


@mutant("fragment", says="to add no markup")
def fragment_is_not_escaped() -> Subject:
    """The fragment is put together in the view."""
    return view("fact", lambda: f"<p>{flask.request.args.get('name', 'Ada')}, did you know?</p>")


@mutant("fragment", says="Content-Type: application/json", also=["browser-replace"])
def fragment_in_json() -> Subject:
    """The fragment is sent as a JSON string."""
    return view("fact", lambda: flask.jsonify(reference.javascript.fact()))


@mutant("browser-replace", says="native code")
def text_not_called() -> Subject:
    """The script takes `response.text` without calling it, as the docs' example does."""
    return script(("response.ok ? response.text()", "response.ok ? response.text"))


@mutant("browser-replace", says="it did not; requests: ['GET")
def text_not_put_in() -> Subject:
    """The script forgets to put the text in."""
    return script(('element("#geology-fact").innerHTML = text', "text"))


# What the API gives.


@mutant("dict-json", says="Content-Type: text/html")
def text_of_json() -> Subject:
    """The answer is dumped JSON, without its type."""
    return update(answer=lambda room: json.dumps(room.to_json()))


@mutant("dict-json", says="Content-Type: text/html")
def detail_of_text() -> Subject:
    """The one thing is `str(...)` of a dict."""
    return view("api.room_detail", lambda number: str(find_room(number).to_json()))


@mutant("dict-json", says="in the response")
def escaped_in_json() -> Subject:
    """Texts are escaped for HTML where they are sent as JSON."""

    def answer(room: Any) -> Any:
        data = room.to_json()
        return {**data, "name": str(escape(data["name"]))}

    return update(answer=answer)


@mutant("no-nan", says="capacity = 1e999 is accepted")
def any_number() -> Subject:
    """Any number that is not below one is a capacity."""
    return update(is_capacity=lambda value: isinstance(value, int | float) and not value < 1)


@mutant("list-json", says="Content-Type: text/html")
def list_of_text() -> Subject:
    """The list is dumped JSON, without its type."""
    return view("api.room_list", lambda: json.dumps([each.to_json() for each in rooms().values()]))


@mutant("list-json", says="a JSON array")
def list_in_an_object() -> Subject:
    """The list is an object, by id."""
    return view("api.room_list", lambda: {str(n): each.to_json() for n, each in rooms().items()})


@mutant("404-json", says="404 for the unknown id")
def null_for_none() -> Subject:
    """An unknown id is answered with null."""

    def detail(number: int) -> Any:
        room = rooms().get(number)
        return flask.jsonify(room and room.to_json())

    return view("api.room_detail", detail)


@mutant("404-json", says="500")
def none_is_no_room() -> Subject:
    """Nobody looks whether there is such a thing."""
    return view("api.room_detail", lambda number: rooms().get(number).to_json())  # type: ignore[union-attr]


@mutant("404-json", says="500")
def too_long_for_the_column() -> Subject:
    """The id goes into a query whatever its size is."""

    def detail(number: int) -> Any:
        with sqlite3.connect(":memory:") as db:
            (found,) = db.execute("select ?", [number]).fetchone()
        db.close()
        return find_room(found).to_json()

    return view("api.room_detail", detail)


@mutant("no-internal-fields", says="door_code")
def whatever_it_has() -> Subject:
    """The answer has whatever the object has."""
    return view("api.room_detail", lambda number: dataclasses.asdict(find_room(number)))


@mutant("no-internal-fields", says="no names of secrets")
def password_in_a_list() -> Subject:
    """The list has the hashes of passwords."""
    return view(
        "api.room_list",
        lambda: [{**each.to_json(), "password_hash": None} for each in rooms().values()],
        fields=None,
    )


@mutant("no-internal-fields", says="no password hashes")
def hash_by_another_name() -> Subject:
    """A hash goes out under a name that says nothing."""
    value = "scrypt:32768:8:1$SaltSalt$0123456789abcdef"
    return view(
        "api.room_detail",
        lambda number: {**find_room(number).to_json(), "login": {"check": value}},
        fields=None,
    )


# What the API takes.


def parsed_by_hand() -> Any:
    if not flask.request.is_json:
        flask.abort(415)
    return json.loads(flask.request.get_data())


@mutant("400", says="500", also=["hostile-4xx"])
def loads_in_the_view() -> Subject:
    """The view parses the body itself, and lets the exception go."""
    return receive(parsed_by_hand)


@mutant("400", says="200", also=["hostile-4xx", "shape-4xx"])
def silently_nothing() -> Subject:
    """What is no JSON is nothing, and what is missing stays as it is."""

    def data() -> Any:
        if not flask.request.is_json:
            flask.abort(415)
        return flask.request.get_json(silent=True) or {"unchanged": True}

    def get(data: Any, name: str, room: Any) -> Any:
        return getattr(room, name) if "unchanged" in data else data.get(name)

    return update(receive=data, get=get)


@mutant("400", says="422")
def unprocessable() -> Subject:
    """Invalid JSON is 422, as if it had been understood."""

    def data() -> Any:
        try:
            return received_json()
        except BadRequest:
            flask.abort(422)

    return receive(data)


@mutant("400", says="to change nothing", also=["no-force"])
def emptied_first() -> Subject:
    """The view empties the room before it reads the request."""

    def data() -> Any:
        find_room(1).description = ""
        return received_json()

    return receive(data)


@mutant("415", says="JSON to be accepted as application/json; charset=utf-8")
def type_without_parameters() -> Subject:
    """The type is compared as a whole."""

    def data() -> Any:
        if flask.request.content_type != "application/json":
            flask.abort(415)
        return received_json()

    return receive(data)


def forced(simple: Callable[[], bool] = lambda: True) -> Any:
    try:
        return flask.request.get_json(force=simple())
    except RecursionError:
        flask.abort(400)


@mutant("415", says="415 for JSON with Content-Type: text/plain", also=["no-force"])
def any_type() -> Subject:
    """JSON is taken whatever its type is."""
    return receive(forced)


@mutant("415", says="409")
def another_status() -> Subject:
    """Another type than JSON's is a conflict."""

    def data() -> Any:
        if not flask.request.is_json:
            flask.abort(409)
        return received_json()

    return receive(data)


@mutant("no-force", says="Content-Type: application/x-www-form-urlencoded")
def for_the_command_line() -> Subject:
    """JSON is taken from a form's type, too: `curl -d` sends that."""
    return receive(lambda: forced(lambda: flask.request.mimetype.endswith("urlencoded")))


@mutant("no-force", says="no Content-Type", also=["415"])
def without_a_type() -> Subject:
    """JSON is taken where no type is said."""
    return receive(lambda: forced(lambda: not flask.request.mimetype))


@mutant("shape-4xx", says="in place of the object")
def nothing_to_do() -> Subject:
    """What is no object has nothing to store."""

    def function(number: int) -> Any:
        data = received_json()
        if not isinstance(data, dict):
            return find_room(number).to_json()
        return Update(receive=lambda: data)(number)

    return view("api.room_update", function)


@mutant("shape-4xx", says="500", also=["hostile-4xx"])
def takes_it_for_an_object() -> Subject:
    """Whatever was sent is taken for an object."""
    return update(is_object=lambda data: True)


@mutant("shape-4xx", says="200")
def missing_stays() -> Subject:
    """A missing name is stored as it was."""
    return update(get=lambda data, name, room: data.get(name, getattr(room, name)))


@mutant("shape-4xx", says="with {} as")
def anything_is_text() -> Subject:
    """Whatever is sent as the description is made a string."""

    def fits(value: Any, longest: int) -> bool:
        return is_text(value, longest) or (longest == 2000 and value is not None)

    return update(is_text=fits, store=str)


@mutant("hostile-4xx", says="no server error for digits of size 400")
def compared_as_a_float() -> Subject:
    """The capacity is made a float before anybody looks at its size."""
    return update(is_capacity=lambda value: type(value) is int and 0 < float(value) <= 1000)


@mutant("hostile-4xx", says="half a pair")
def half_a_pair_is_text() -> Subject:
    """The answers are not ASCII, and half of a surrogate pair is text."""

    def change(app: flask.Flask) -> None:
        app.json.ensure_ascii = False  # type: ignore[attr-defined]
        function = Update(
            is_text=lambda value, longest: isinstance(value, str) and len(value) <= longest
        )
        app.view_functions["javascript.api.room_update"] = function

    return changed(change)


@mutant("error-json", says="JSON only for an unknown method (405)")
def errors_in_html() -> Subject:
    """The API has no error handler."""
    return changed(lambda app: app.error_handler_spec.pop("javascript.api"))


@mutant("error-json", says="as 'status'")
def one_status_for_all() -> Subject:
    """The error's JSON says 400 whatever it is."""

    def show(error: Any) -> Any:
        return {"status": 400, "error": error.description}, error.code

    def change(app: flask.Flask) -> None:
        (handlers,) = app.error_handler_spec["javascript.api"].values()
        for kind in handlers:
            handlers[kind] = show

    return changed(change)


@mutant("error-json", says="an unknown method")
def error_of_the_router_in_html() -> Subject:
    """The API has an error handler, which an error that the router finds does not reach."""

    def change(app: flask.Flask) -> None:
        @app.before_request
        def first() -> None:
            request = flask.request
            if isinstance(request.routing_exception, MethodNotAllowed):
                flask.abort(flask.Response("<!doctype html>", 405, mimetype="text/html"))

    return changed(change)


@mutant("shape-4xx", says="is refused, to")
def stored_while_it_is_checked() -> Subject:
    """Each field is stored as soon as it has been checked."""

    def room_update(number: int) -> Any:
        room, data = find_room(number), received_json()
        if not isinstance(data, dict) or not is_text(data.get("description"), 2000):
            flask.abort(400)
        room.description = data["description"]
        return reference.javascript.room_update(number)

    return view("api.room_update", room_update)
