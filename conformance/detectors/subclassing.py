"""Finds the classes of the app and its requests, if they are not Flask's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import flask
from werkzeug.datastructures import MultiDict

from ..survey import Survey
from . import Finding

SLUG = "subclassing"

#: A query whose order only some classes keep.
QUERY = [("b", "1"), ("a", "2"), ("b", "3")]


def find(survey: Survey) -> Iterator[Finding]:
    """Yield the app's class, its request class, and one of their pages."""
    app_class: Any = type(survey.app)
    own = app_class is not flask.Flask and _of_module(survey, app_class)
    if own and survey.trial(_is_made_as_flask, app_class):
        yield Finding(
            SLUG, "app_class", own, "it is the app's class, and another app could be created"
        )
    request_class = survey.app.request_class
    named = request_class is not flask.Request and _of_module(survey, request_class)
    if named and survey.trial(_serves, request_class):
        yield Finding(SLUG, "request_class", named, "it is the class of the app's requests")
    if not own and not named:
        return
    if not survey.trial(_keeps_order, request_class):
        yield Finding(SLUG, "ordered", False, "its parameter storage does not keep the order")
    served = [each for each in survey.pages if each.status == 200 and not each.streamed]
    page = next((each for each in served if each.is_html), next(iter(served), None))
    if page is not None:
        yield Finding(SLUG, "page", page.path, "it returns 200")


def _is_made_as_flask(app_class: Any) -> bool:
    """Check whether the class takes what Flask takes first, rather than values of its own."""
    app = app_class("conformance_app")
    return isinstance(app, flask.Flask) and app.import_name == "conformance_app"


def _of_module(survey: Survey, kind: type) -> str | None:
    reference = survey.facts.reference(kind)
    return reference if reference and getattr(kind, "__name__", "") else None


def _serves(request_class: object) -> bool:
    host = type("Host", (flask.Flask,), {"request_class": request_class})("conformance_host")
    host.add_url_rule("/", "index", lambda: flask.request.args.get("a", ""))
    return bool(host.test_client().get("/?a=1").text == "1")


def _keeps_order(request_class: Any) -> bool:
    storage: MultiDict[str, str] = request_class.parameter_storage_class(QUERY)
    return list(storage.items(multi=True)) == QUERY
