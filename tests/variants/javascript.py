"""Pages with scripts and their API, done right in other ways than the reference's."""

from __future__ import annotations

import json
import math
import threading
import uuid
from typing import Any

import flask
import jinja2
import pydantic
import pydantic_core
from flask.json.provider import DefaultJSONProvider
from flask.views import MethodView
from werkzeug.exceptions import BadRequest, HTTPException, UnsupportedMediaType
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from conformance import Subject
from tests.proof import variant


@variant
def data_attributes_only() -> Subject:
    """A search page under a strict policy: data in attributes, scripts in files, texts in a query."""
    page = """<!doctype html><title>Search</title>
      <script type="module" src="{{ url_for('script') }}"></script>
      <main data-hit="{{ url_for('hit', name=search.q) }}" data-search='{{ search|tojson }}'>
        <form><input name="q" value="{{ search.q }}"><button>Search</button></form>
        <table><tbody id="rows"><tr><td>nothing yet</td></tr></tbody></table>
        <form method="post" action="{{ url_for('comment') }}">
          <input name="comment"><button id="send">Send</button></form>
        <a href="{{ url_for('search') }}">Again</a>
        <ul>{% for each in comments %}<li>{{ each }}</li>{% endfor %}</ul>
      </main>"""
    script = """
      const main = document.querySelector("main");
      const { rows, q } = JSON.parse(main.dataset.search);
      main.querySelector("form").addEventListener("submit", async event => {
        event.preventDefault();
        const query = new URLSearchParams(new FormData(event.target));
        const answer = await fetch(`${rows}?${query}`);
        const parsed = new DOMParser().parseFromString(
          `<table>${await answer.text()}</table>`, "text/html");
        document.querySelector("#rows").replaceChildren(...parsed.querySelectorAll("tr"));
      });
      document.querySelector("#send").addEventListener("click", async event => {
        event.preventDefault();
        const form = event.target.form;
        const body = new URLSearchParams(new FormData(form));
        const answer = await fetch(form.action, { method: "post", body, redirect: "follow" });
        if (answer.ok) location.assign(answer.url);
      });
    """

    def create_app() -> flask.Flask:
        app = flask.Flask("search")
        comments: list[str] = []

        @app.after_request
        def policy(response: flask.Response) -> flask.Response:
            response.headers["Content-Security-Policy"] = "default-src 'self'"
            return response

        @app.get("/")
        def search() -> str:
            data = {"q": flask.request.args.get("q", ""), "rows": flask.url_for("rows")}
            return flask.render_template_string(
                page, search={**data, "q": data["q"] or "-"}, comments=comments[-3:]
            )

        @app.get("/search.mjs", endpoint="script")
        def serve_script() -> flask.Response:
            return flask.Response(script, mimetype="text/javascript")

        @app.get("/rows")
        def rows() -> str:
            return flask.render_template_string(
                "{% for n in range(3) %}<tr><td>{{ n }}</td><td title='{{ q }}'>{{ q }}</td></tr>"
                "{% endfor %}",
                q=flask.request.args.get("q", ""),
            )

        @app.get("/hits/<name>")
        def hit(name: str) -> Any:
            return flask.jsonify(hits=[{"name": name}])

        @app.post("/comments")
        def comment() -> Any:
            comments.append(flask.request.values.get("comment", ""))
            return flask.redirect(flask.url_for("search"))

        return app

    binding = {
        "page": "/",
        "attribute": "data-search",
        "value_field": "q",
        "value_kind": "text",
        "url_page": "/",
        "url": "data-hit",
        "url_field": "q",
        "form": {"method": "POST", "path": "/comments"},
        "form_field": "comment",
        "fragment": "/rows",
        "fragment_field": "q",
        "replace": {
            "page": "/?q=first",
            "fill": {"q": "granite"},
            "click": "form button",
            "changes": "#rows",
        },
        "follow": {
            "page": "/?q=first",
            "fill": {"comment": "fine"},
            "click": "#send",
            "leads_to": "/",
        },
    }
    return Subject(app=create_app, patterns={"javascript": binding})


class Book(pydantic.BaseModel):
    """A book as it is sent."""

    title: str = pydantic.Field(max_length=300)
    price: pydantic.FiniteFloat
    tags: list[str] = []


@variant
def api_with_pydantic() -> Subject:
    """An API blueprint with ids that are UUIDs, pydantic, 422, and problem+json."""
    known = uuid.uuid4()

    def create_app() -> flask.Flask:
        app = flask.Flask("books")
        api = flask.Blueprint("api", __name__, url_prefix="/v1")
        books = {known: Book(title="First", price=9.5)}

        def problem(status: int, title: str, **more: Any) -> flask.Response:
            body = json.dumps({"title": title, "status": status, **more})
            return flask.Response(body, status, mimetype="application/problem+json")

        @api.errorhandler(HTTPException)
        def error(error: HTTPException) -> flask.Response:
            return problem(error.code or 500, error.name)

        # The router's errors do not reach the blueprint.
        app.register_error_handler(405, error)

        @api.errorhandler(pydantic.ValidationError)
        def invalid(error: pydantic.ValidationError) -> flask.Response:
            found = error.errors(include_url=False, include_input=False, include_context=False)
            return problem(422, "Not valid", errors=[str(each["loc"]) for each in found])

        def received() -> Book:
            if flask.request.mimetype != "application/json":
                raise UnsupportedMediaType
            try:
                value = pydantic_core.from_json(flask.request.get_data(), allow_inf_nan=False)
            except ValueError:
                raise BadRequest from None
            return Book.model_validate(value, strict=True)

        class One(MethodView):
            def get(self, number: uuid.UUID) -> Any:
                if number not in books:
                    flask.abort(404)
                return flask.Response(books[number].model_dump_json(), mimetype="application/json")

            def patch(self, number: uuid.UUID) -> Any:
                return flask.redirect(flask.url_for("api.one", number=number), 303)

        class Many(MethodView):
            def get(self) -> Any:
                return [each.model_dump() for each in books.values()]

            def post(self) -> Any:
                books[known] = received()
                url = flask.url_for("api.one", number=known)
                return flask.Response(status=201, headers={"Location": url})

        api.add_url_rule("/books/<uuid:number>", view_func=One.as_view("one"))
        api.add_url_rule("/books", view_func=Many.as_view("many"))
        app.register_blueprint(api)

        @app.get("/")
        def home() -> str:
            return flask.render_template_string(
                "<!doctype html><title>Books</title><script>const url = "
                "'{{ url_for('api.one', number=known) }}'; fetch(url)</script>",
                known=known,
            )

        return app

    binding = {
        "url_page": "/",
        "url": "url",
        "detail": "/v1/books/{id}",
        "known": str(known),
        "listing": "/v1/books",
        "receive": {"path": "/v1/books", "json": {"title": "Second", "price": 3}},
        "text_field": "title",
        "number_field": "price",
        "required": ["title", "price"],
        "state": f"/v1/books/{known}",
        "redirects": [{"method": "PATCH", "path": f"/v1/books/{known}"}],
    }
    return Subject(app=create_app, patterns={"javascript": binding})


class StrictProvider(DefaultJSONProvider):
    """JSON as browsers have it, and not as deep as anybody likes."""

    ensure_ascii = False
    sort_keys = False

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return super().dumps(obj, **kwargs, allow_nan=False)

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            value = super().loads(s, **kwargs)
            # Also refuses what could not be written again.
            self.dumps(value).encode()
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        return value


@variant
def json_block_and_provider() -> Subject:
    """The state in a block of JSON, keys in an object, and a JSON provider that is strict."""
    page = """<!doctype html><html><head><title>Notes</title>
      <script id="state" type="application/json">{{ state|tojson }}</script>
      <script type="module">
        const state = JSON.parse(document.getElementById("state").textContent);
        window.App = { root: {{ request.script_root|tojson }},
          state, api: {{ {"note": url_for("note", key=key)}|tojson }} };
        document.getElementById("load").onclick = async () => {
          const note = await (await fetch(App.api.note)).json();
          document.getElementById("note").textContent = note.key;
        };
      </script></head>
      <body><button id="load">Load</button><p id="note">-</p></body></html>"""

    def create_app() -> flask.Flask:
        app = flask.Flask("notes")
        app.json = StrictProvider(app)
        note: dict[str, Any] = {"text": "", "size": 1.0}

        @app.route("/", methods=["GET", "POST"])
        def index() -> str:
            text = flask.request.values.get("state", "{}")
            return flask.render_template_string(
                page, state=json.loads(text), key=flask.request.values.get("key", "first")
            )

        @app.get("/notes/<key>", endpoint="note")
        def one(key: str) -> Any:
            return {"key": key}

        @app.route("/note", methods=["GET", "POST"])
        def own() -> Any:
            if flask.request.method == "POST":
                data = flask.request.get_json()
                try:
                    text, size = data["text"], float(data["size"])
                except (KeyError, TypeError, ValueError, OverflowError):
                    return {"code": 400, "error": "no note"}, 400
                if not isinstance(text, str) or not math.isfinite(size):
                    return {"code": 400, "error": "no note"}, 400
                note.update(text=text, size=size)
            return note

        @app.errorhandler(HTTPException)
        def error(error: HTTPException) -> Any:
            # 1 is the app's own word for failure, and no status of HTTP.
            said = {"code": error.code, "status": 1, "error": error.description}
            return said, error.code or 500

        return app

    binding = {
        "page": "/",
        "script": "#state",
        "value_field": "state",
        "script_root": "root",
        "url_page": "/",
        "url": "note",
        "url_field": "key",
        "receive": {"path": "/note", "json": {"text": "hello", "size": 2.5}},
        "text_field": "text",
        "number_field": "size",
        "required": ["text", "size"],
        "state": "/note",
        "replace": {"page": "/", "click": "#load", "changes": "#note"},
    }
    return Subject(app=create_app, patterns={"javascript": binding})


@variant
def werkzeug_alone() -> Subject:
    """A WSGI callable without Flask: `JSON.parse` of a string in the script, XMLHttpRequest."""
    environment = jinja2.Environment(autoescape=True)
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False}
    page = environment.from_string("""<!DOCTYPE html><title>Counter</title>
      <body class="app"><output>{{ count }}</output> <button>More</button>
      <script>
        var initial = JSON.parse({{ data|tojson|tojson }});
        var base = "{{ base }}";
        document.querySelector("button").onclick = function () {
          var request = new XMLHttpRequest();
          request.onload = function () {
            document.querySelector("output").innerHTML = request.responseText;
          };
          request.open("POST", base + "/count");
          request.setRequestHeader("Content-Type", "application/json");
          request.send(JSON.stringify({ by: 1 }));
        };
      </script>""")
    rules = Map(
        [
            Rule("/", endpoint="page"),
            Rule("/count", endpoint="count", methods=["POST"]),
            Rule("/total", endpoint="total", methods=["GET"]),
            Rule("/total", endpoint="reset", methods=["DELETE"]),
            Rule("/runs/<int:number>", endpoint="run"),
        ]
    )

    def create_app() -> Any:
        total, lock = [0], threading.Lock()

        def body(value: Any, status: int = 200) -> Response:
            return Response(json.dumps(value), status, mimetype="application/json")

        def show(request: Request) -> Response:
            data = json.loads(request.values.get("data", "null"))
            text = page.render(data=data, count=total[0], base=request.root_path)
            return Response(text, mimetype="text/html")

        def count(request: Request) -> Response:
            if request.mimetype != "application/json":
                raise UnsupportedMediaType
            try:
                data = json.loads(request.get_data())
            except (ValueError, RecursionError):
                raise BadRequest from None
            by = data.get("by") if isinstance(data, dict) else None
            if not isinstance(by, int) or isinstance(by, bool) or abs(by) > 100:
                raise BadRequest
            with lock:
                total[0] += by
            return Response(f"<b>{total[0]}</b> runs", mimetype="text/html")

        def reset(request: Request) -> Response:
            total[0] = 0
            return Response(status=303, headers={"Location": request.root_url})

        def run(request: Request, number: int) -> Response:
            return body({"id": number}) if number == 7 else body({"error": "no run"}, 404)

        views: dict[str, Any] = {
            "page": show,
            "count": count,
            "total": lambda request: body(total[0]),
            "reset": reset,
            "run": run,
        }

        @Request.application
        def app(request: Request) -> Any:
            try:
                endpoint, values = rules.bind_to_environ(request.environ).match()
                return views[endpoint](request, **values)
            except HTTPException as error:
                return body({"error": error.name}, error.code or 500)

        return app

    binding = {
        "page": {"path": "/", "method": "POST"},
        "script": "initial",
        "value_field": "data",
        "script_root": "base",
        "detail": "/runs/{id}",
        "known": "7",
        "fields": ["id"],
        "receive": {"path": "/count", "json": {"by": 1}},
        "number_field": "by",
        "required": ["by"],
        "state": "/total",
        "redirects": [{"method": "DELETE", "path": "/total"}],
        "replace": {"page": "/", "click": "button", "changes": "output"},
    }
    return Subject(app=create_app, patterns={"javascript": binding})
