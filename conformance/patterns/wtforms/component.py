"""A form class on the page of a small host app."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import flask
from werkzeug.datastructures import MultiDict

from ...core.errors import Untested
from ...core.told import told
from ...subject.config import Route
from ...transports import Client, Request
from .harness import WTFormsHarness
from .page import INTRUDER, FormPage

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from ...transports import WSGIApp


class WTFormsComponent(WTFormsHarness):
    """A form class in a host app that handles it as in the docs."""

    kind = "component"
    keys = ("form",)

    @property
    def page(self) -> Route:
        """The page of the host app."""
        return Route(path="/")

    def make_app(self) -> WSGIApp:
        """Return the host app with the bound class.

        Ends the clause as `untested` if the class requires its own app.
        """
        form_class = self.component("form")
        app = host_app(form_class)
        # With a missing token, a check that uses the app's database might never be reached.
        app.config["WTF_CSRF_ENABLED"] = False
        values: MultiDict[str, str] = MultiDict(self.valid if self.binding.valid else {})
        try:
            with app.test_request_context("/", method="POST"):
                form_class(values).validate()
            # A label in the visitor's language may only be looked up when it is rendered.
            with app.test_request_context("/"):
                app.ensure_sync(app.view_functions["view"])()
        except Exception as error:
            raise Untested.for_keys(
                self.slug, "page", hint=f": without its own app the form raises {told(error)}"
            ) from None
        del app.config["WTF_CSRF_ENABLED"]
        return app

    def look(self, client: Client | None = None) -> str | None:
        """Return what the host app has stored."""
        return self.show(client or self.client(), Route(path="/records"))

    def request(self, shown: FormPage, values: Any, **parts: Any) -> Request:
        """Return the request to the host app, wherever the subject's own form is submitted."""
        if self.binding.submit is not None:
            self.binding = self.binding.model_copy(update={"submit": None})
        return super().request(shown, values, **parts)


def host_app(form_class: Any) -> flask.Flask:
    """Return an app with the page of a form class; `/records` returns what it accepted.

    Every field gets an attribute that would become markup if the field did not escape it.
    """
    app = flask.Flask(__name__)
    app.secret_key = secrets.token_bytes()
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.jinja_env.globals["leaves"] = _leaves
    page = app.jinja_env.from_string(_HOST_PAGE)
    records: list[dict[str, object]] = []

    @app.route("/", methods=["GET", "POST"])
    def view() -> ResponseReturnValue:
        sent = flask.request.method == "POST"
        form = form_class(None)
        if sent:
            # A file that is sent for a text field does not belong to the form's data.
            files = [
                (field.name, flask.request.files.get(field.name))
                for field in _leaves(form)
                if getattr(field.widget, "input_type", "") == "file"
            ]
            form = form_class(MultiDict([*flask.request.form.items(multi=True), *files]))
        if sent and form.validate():
            records.append(form.data)
            return flask.redirect(flask.url_for("done"))
        return page.render(form=form, hostile=f'"><{INTRUDER} a="')

    @app.get("/done")
    def done() -> str:
        return "accepted"

    @app.get("/records")
    def show() -> flask.Response:
        text = json.dumps(records, default=str, ensure_ascii=False)
        return flask.Response(text, mimetype="application/json")

    return app


def _leaves(fields: Iterable[Any]) -> Iterator[Any]:
    """Yield the fields that are filled in, also those of enclosed forms and of lists."""
    from wtforms import FieldList, FormField

    for field in fields:
        if isinstance(field, FieldList):
            yield from _leaves(field.entries)
        elif isinstance(field, FormField):
            yield from _leaves(field.form)
        else:
            yield field


_HOST_PAGE = """<!doctype html><title>form</title>
<form method=post {% if leaves(form)|selectattr("widget.input_type", "eq", "file")|list
  %}enctype="multipart/form-data"{% endif %}>
{% for field in leaves(form) %}
  {% if field.widget.input_type == "hidden" %}{{ field() }}
    {% if field.errors %}<ul>{% for error in field.errors %}<li>{{ error }}{% endfor %}</ul>
    {% endif %}
  {% else %}
  <div>{{ field.label }} {{ field(title=hostile) }}
    {% if field.errors %}<ul>{% for error in field.errors %}<li>{{ error }}{% endfor %}</ul>
    {% endif %}</div>
  {% endif %}
{% endfor %}
<button>Send</button></form>"""
