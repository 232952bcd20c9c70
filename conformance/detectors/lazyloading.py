"""Find what makes views from names, importing their module on the first call."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import flask

from ..survey import Survey
from ..survey.facts import Thing, parameters_of
from . import Finding

SLUG = "lazyloading"

MODULE = "kq7lazymodule"


def find(survey: Survey) -> Iterator[Finding]:
    """Yield the function or class that makes lazy views, and routes that it made."""
    for thing in _candidates(survey):
        if survey.trial(_is_lazy, survey, thing.value):
            text = "a view that it made from a name imported the module only when it was called"
            yield Finding(SLUG, "lazy_view", thing.reference, text)
            return


def _candidates(survey: Survey) -> Iterator[Thing]:
    for thing in survey.facts.things:
        if not isinstance(thing.value, type) and not hasattr(thing.value, "__code__"):
            continue
        parameters = parameters_of(thing.value) or []
        required = [each for each in parameters if each.default is each.empty]
        if len(required) == 1 and required[0].name in _NAMES:
            yield thing


#: Names of the single parameter that takes a dotted name.
_NAMES = ("import_name", "name", "dotted", "path", "import_path", "target", "reference")


def _is_lazy(survey: Survey, make: Any) -> bool:
    folder = survey.bench.folder()
    (folder / f"{MODULE}.py").write_text("def view(**values):\n    return 'kq7 came'\n")
    sys.path.insert(0, str(folder))
    try:
        view = make(f"{MODULE}.view")
        if MODULE in sys.modules or not callable(view):
            return False
        host = flask.Flask("conformance_host")
        host.add_url_rule("/", "index", view)
        came = host.test_client().get("/").text == "kq7 came"
        return came and MODULE in sys.modules
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop(MODULE, None)
