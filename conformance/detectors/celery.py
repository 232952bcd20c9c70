"""Find the function that creates a Celery app for a Flask app, or the Celery app itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import flask

from ..survey import Survey
from ..survey.facts import calls_in, parameters_of
from . import Finding

SLUG = "celery"

#: Settings with which nothing outside the process is reached.
SETTINGS = {"broker_url": "memory://", "result_backend": "cache+memory://", "task_ignore_result": 1}


def find(survey: Survey) -> Iterator[Finding]:
    """Yield a function that returned a Celery app with the settings of the app passed to it."""
    if "celery" not in sys.modules:
        return
    from celery import Celery

    for thing in survey.facts.functions():
        parameters = parameters_of(thing.value) or []
        required = [each for each in parameters if each.default is each.empty]
        if len(required) != 1 or not any(
            each.rpartition(".")[2] in ("Celery", "config_from_object", "FlaskCelery")
            for each in calls_in(thing.value)
        ):
            continue
        if survey.trial(_makes, thing.value, Celery):
            text = "called with an app, it returned a Celery app with that app's settings"
            yield Finding(SLUG, "celery_init_app", thing.reference, text)
            return
    if isinstance(survey.app.extensions.get("celery"), Celery):
        return
    for thing in survey.facts.instances():
        if isinstance(thing.value, Celery):
            text = "a Celery app that no function creates for a Flask app"
            yield Finding(SLUG, "celery_app", thing.reference, text, confirmed=False)
            return


def _makes(function: Any, kind: type) -> bool:
    host = flask.Flask("conformance_host")
    host.config["CELERY"] = dict(SETTINGS)
    host.config.update({f"CELERY_{key.upper()}": value for key, value in SETTINGS.items()})
    made = function(host)
    found: object = made if isinstance(made, kind) else host.extensions.get("celery")
    return isinstance(found, kind) and found.conf.broker_url == "memory://"  # type: ignore[attr-defined]
