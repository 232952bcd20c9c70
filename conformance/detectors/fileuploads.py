"""Find the form that uploads, the upload folder, and where files are served."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from ..instruments.html import Element
from ..patterns.people import prepared
from ..subject.config import Route
from ..survey import Survey
from ..survey.facts import names_in, unwrapped
from ..survey.submissions import (
    Submission,
    attempt,
    is_taken,
    log_in,
    submissions,
    with_form_page,
)
from ..transports import Request, Upload
from . import Finding

SLUG = "fileuploads"

NAME, CONTENT = "kq7file.txt", b"kq7 content"

#: Names of settings that hold an upload folder.
_FOLDER = re.compile(r"UPLOAD|MEDIA|STORAGE|ATTACHMENT")


def find(survey: Survey) -> Iterator[Finding]:
    """Yield the page with the form, its target and field, the extensions, and the download."""
    heard = _heard(survey)
    if heard is not None:
        yield from heard
        return
    for exchange in survey.pages:
        for form in exchange.forms():
            files = [each for each in _inputs(form) if each.attributes.get("type") == "file"]
            if len(files) != 1 or not files[0].attributes.get("name"):
                continue
            action = exchange.local(form.attributes.get("action") or exchange.target)
            if action is None or survey.facts.endpoint_of(action, "POST") is None:
                continue
            # Only a person knows what else to fill in.
            alone = all(each is files[0] or _is_silent(each) for each in _inputs(form))
            extensions = _extensions(survey, action)
            certain = alone and extensions is not None
            text = "its form sends a file" + ("" if alone else ", and more than that")
            yield Finding(SLUG, "page", exchange.path, "it has a form that sends a file", certain)
            yield Finding(SLUG, "upload", _route(exchange.path, action, form), text, certain)
            field = files[0].attributes["name"]
            if field != "file":
                yield Finding(SLUG, "field", field, "the name of the file input", certain)
            if extensions is not None:
                reference, values = extensions
                yield Finding(
                    SLUG, "extensions", values, f"{reference}, which its view checks", certain
                )
            yield from _folder(survey, action, certain)
            return


def _heard(survey: Survey) -> list[Finding] | None:
    """Return what is known of an upload that was heard, and that a new app took again."""
    for each in submissions(survey):
        if not each.accepted or len(each.exchange.files) != 1:
            continue
        app = survey.new_app()
        extensions = _extensions(survey, each.path)
        if app is None or extensions is None:
            return None
        route = with_form_page(survey, app, each.route())
        if not route["form"]:
            del route["form"]
        value = {"method": "POST", **route} if len(route) > 1 else each.path
        if not attempt(survey, _is_uploaded, survey, app, value, each):
            continue
        found = [Finding(SLUG, "upload", value, f"{each.source}; a new app took the file")]
        (field,) = each.exchange.files
        if field != "file":
            found.append(Finding(SLUG, "field", field, "the field with the file"))
        reference, values = extensions
        text = f"{reference}, which its view asks for"
        found.append(Finding(SLUG, "extensions", values, text))
        return [*found, *_folder(survey, each.path, True)]
    return None


def _is_uploaded(survey: Survey, app: Any, value: Any, heard: Submission) -> bool:
    client = survey.visitor(app)
    route = Route.model_validate(value)
    if route.person is not None:
        log_in(survey, client, route.person)
    fields = parse_qsl(prepared(client, route).body.decode("latin-1"))
    files = {field: Upload(*file) for field, file in heard.exchange.files.items()}
    sent = Request.build("POST", route.path, form=fields, files=files)
    return is_taken(client.send(sent), heard.exchange)


def _inputs(form: Element) -> list[Element]:
    return [each for each in form.walk() if each.tag in ("input", "select", "textarea")]


def _is_silent(element: Element) -> bool:
    kind = element.attributes.get("type", "").lower()
    return element.tag == "input" and kind in ("hidden", "submit", "button", "reset", "image")


def _route(page: str, action: str, form: Element) -> Any:
    hidden = [each for each in _inputs(form) if each.attributes.get("type") == "hidden"]
    if hidden:
        return {"method": "POST", "path": action, "form_page": page}
    return action


def _extensions(survey: Survey, action: str) -> tuple[str, list[str]] | None:
    """Return the collection in the view's module that looks like a list of extensions."""
    endpoint = survey.facts.endpoint_of(action, "POST")
    view = survey.app.view_functions.get(endpoint or "")
    if view is None:
        return None
    module = getattr(unwrapped(view)[-1], "__module__", "")
    named = names_in(unwrapped(view)[-1])
    for thing in survey.facts.instances():
        value = thing.value
        if not isinstance(value, set | frozenset | list | tuple) or thing.module != module:
            continue
        texts = [str(each).lower().removeprefix(".") for each in value]
        fits = all(re.fullmatch("[a-z0-9]{1,5}", each) for each in texts)
        if texts and fits and "EXT" in thing.name.upper():
            asks = thing.name in named or any(
                thing.name in names_in(other.value)
                for other in survey.facts.functions()
                if other.module == module
            )
            if asks:
                return thing.name, sorted(texts)
    return None


def _module(view: object) -> str:
    return getattr(unwrapped(view)[-1], "__module__", "") if view is not None else ""


def _folder(survey: Survey, action: str, certain: bool) -> Iterator[Finding]:
    """Yield the setting of the folder, and the rule that served a file placed in it.

    The rule's view is in the same module as the upload's: an app may have other file folders.
    """
    home = _module(survey.app.view_functions.get(survey.facts.endpoint_of(action, "POST") or ""))
    keys = [
        key
        for key, value in survey.app.config.items()
        if _FOLDER.search(key) and isinstance(value, str | Path) and str(value)
    ]
    rules = [
        rule
        for rule in survey.facts.rules
        if len(rule.arguments) == 1
        and "GET" in rule.methods
        and not rule.endpoint.endswith("static")
        and rule.path.count("<") == 1
        and _module(rule.view) == home
    ]
    for key in keys[:3]:
        folder = survey.bench.folder()
        (folder / NAME).write_bytes(CONTENT)
        crawl = survey.another(**{key: str(folder)})
        for rule in rules if crawl is not None else ():
            before, _, rest = rule.path.partition("<")
            after = rest.partition(">")[2]
            answer = crawl.get(before + NAME + after) if crawl is not None else None
            if answer is not None and answer.status == 200 and answer.response.body == CONTENT:
                text = f"a file placed in the folder of {key} was served there"
                yield Finding(SLUG, "download", f"{before}{{name}}{after}", text, certain)
                yield Finding(SLUG, "folder", key, f"{rule.path} served a file from it", certain)
                return
