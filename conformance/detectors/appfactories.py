"""Find a setting that a blueprint's page shows, by creating an app with another value."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import flask

from ..survey import Exchange, Survey
from ..survey.facts import calls_in, dotted, parameters_of, tree_of
from . import Finding

SLUG = "appfactories"

#: What a setting is changed to.
OTHER = "Kq7 Conformance"


def find(survey: Survey) -> Iterator[Finding]:
    """Yield the setting and its page, and a file that the factory requires."""
    yield from _setting(survey)
    yield from _file(survey)


def _setting(survey: Survey) -> Iterator[Finding]:
    usual = {*flask.Flask.default_config, "SECRET_KEY"}
    texts = {
        key: value
        for key, value in survey.app.config.items()
        if key not in usual
        and isinstance(value, str)
        and 4 <= len(value) <= 80
        and not set("/\\:{}<>&'\"") & set(value)
    }
    tried = 0
    for key, value in texts.items():
        page = next((each for each in survey.pages if _shows(each, value)), None)
        if page is None or tried >= 4:
            continue
        tried += 1
        crawl = survey.another(**{key: OTHER})
        changed = crawl.get(page.path) if crawl is not None else None
        if changed is not None and OTHER in changed.response.text:
            yield Finding(SLUG, "setting", key, f"{page.path} shows its value")
            yield Finding(SLUG, "page", page.path, f"it shows another {key} when that is changed")
            yield from _probe(survey, key)
            return


def _shows(exchange: Exchange, value: str) -> bool:
    inside = "." in (exchange.endpoint or "") and exchange.endpoint != "static"
    return exchange.status == 200 and inside and value in exchange.response.text


def _probe(survey: Survey, key: str) -> Iterator[Finding]:
    """Yield a method of an extension object that returns what it made of the setting."""
    crawl = survey.another(**{key: OTHER})
    if crawl is None:
        return
    for thing in survey.facts.instances():
        kind = type(thing.value)
        if kind.__module__ not in {each.__name__ for each in survey.facts.modules}:
            continue
        for name, function in vars(kind).items():
            if name.startswith("_") or len(parameters_of(function) or "??") != 1:
                continue
            if not callable(function) or calls_in(function) & {"open", "print"}:
                continue

            def gives(
                thing: object = thing.value, name: str = name, app: flask.Flask = crawl.app
            ) -> bool:
                with app.app_context():
                    return OTHER in str(getattr(thing, name)())

            if survey.trial(gives):
                text = f"it returns another {key} when that is changed"
                yield Finding(SLUG, "probe", f"{thing.reference}.{name}", text)
                return


def _gives(app: flask.Flask, value: object, name: str) -> bool:
    with app.app_context():
        return OTHER in str(getattr(value, name)())


def _file(survey: Survey) -> Iterator[Finding]:
    """Yield a file that the factory reads unconditionally: `from_pyfile("settings.cfg")`."""
    target = survey.subject.target()
    tree = tree_of(target.found) if target.factory else None
    for node in ast.walk(tree) if tree is not None else ():
        if not isinstance(node, ast.FunctionDef):
            continue
        for statement in node.body:
            call = getattr(statement, "value", None)
            if not isinstance(statement, ast.Expr) or not isinstance(call, ast.Call):
                continue
            if not dotted(call.func).endswith("config.from_pyfile") or call.keywords:
                continue
            if len(call.args) == 1 and isinstance(call.args[0], ast.Constant):
                name = call.args[0].value
                there = isinstance(name, str) and Path(survey.app.root_path, name).is_file()
                if there and Path(survey.app.config.root_path) == Path(survey.app.root_path):
                    yield Finding(SLUG, "config_file", name, "the factory reads it, not silently")
                    return
