"""Find the form that uploads, the upload folder, and where files are served."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import flask

from ..instruments.html import Element
from ..instruments.values import strings
from ..patterns.fileuploads import FileUploads
from ..patterns.people import prepared
from ..subject.config import Route
from ..survey import Exchange, Survey, does_something
from ..survey.facts import names_in, unwrapped
from ..survey.submissions import (
    Submission,
    attempt,
    is_taken,
    log_in,
    submissions,
    was_accepted,
    with_form_page,
)
from ..survey.submit import filled
from ..transports import Client, Request, Response, Upload
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
    tried = _tried(survey)
    if tried is not None:
        yield from tried
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
        if _extensions(survey, each.path) is None and not _has_form(survey, each.path):
            # It may answer whatever it is sent.
            continue
        app = survey.new_app()
        if app is None:
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
        found += _allowed(survey, each.path)
        return [*found, *_folder(survey, each.path, True)]
    return None


def _allowed(survey: Survey, path: str) -> Iterator[Finding]:
    """Yield the extensions that the view of an upload asks for, where it asks for some."""
    extensions = _extensions(survey, path)
    if extensions is not None:
        reference, values = extensions
        yield Finding(SLUG, "extensions", values, f"{reference}, which its view asks for")


#: Extensions and how a file of each begins: one of them is allowed by nearly all that uploads.
_STARTS = {"txt": b"kq7 ", "png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff\xe0", "csv": b"kq7,"}

#: How many forms are tried, and how many links of what answers an upload.
_FORMS = 4
_LINKS = 20


def _tried(survey: Survey) -> list[Finding] | None:
    """Return what is known of a form whose files a new app took; None where none may be sent."""
    if not survey.submits:
        return None
    number = 0
    for exchange in survey.pages:
        for form in exchange.forms():
            files = [each for each in _inputs(form) if each.attributes.get("type") == "file"]
            action = exchange.local(form.attributes.get("action") or exchange.target)
            endpoint = survey.facts.endpoint_of(action, "POST") if action else None
            if len(files) != 1 or not files[0].attributes.get("name") or endpoint is None:
                continue
            number += 1
            if number > _FORMS or action is None:
                return None
            app = survey.new_app()
            if app is None:
                return None
            field = files[0].attributes["name"]
            plain = _route(exchange.path, action, form)
            full = {"method": "POST", "path": action, "form": filled(form)}
            for value in (plain, {**full, **(plain if isinstance(plain, dict) else {})}):
                sender = _Uploads(survey, app, value, field)
                if (start := attempt(survey, sender.works)) is None:
                    continue
                text = "its form was filled in; a new app took two files"
                found = [
                    Finding(SLUG, "page", exchange.path, "it has a form that sends a file"),
                    Finding(SLUG, "upload", value, text),
                ]
                if field != "file":
                    found.append(Finding(SLUG, "field", field, "the field with the file"))
                found += _allowed(survey, action)
                if (place := attempt(survey, sender.download, start)) is not None:
                    text = "it gave back the bytes of each file that was sent"
                    found.append(Finding(SLUG, "download", place, text))
                found += _limit(survey, sender, start)
                known = {each.key for each in found}
                return [*found, *(x for x in _folder(survey, action, True) if x.key not in known)]
    return None


@dataclasses.dataclass
class _Uploads:
    """Sends files to an app, as a configuration would have it."""

    survey: Survey
    app: Any
    value: Any
    field: str

    def send(self, client: Client, name: str, content: bytes) -> Response:
        """Send a file, and return the answer."""
        route = FileUploads.model_validate({"upload": self.value}).upload
        assert route is not None
        fields = parse_qsl(prepared(client, route).body.decode("latin-1"))
        files = {self.field: Upload(name, content)}
        return client.send(Request.build("POST", route.path, form=fields, files=files))

    def works(self) -> str | None:
        """Return an extension of which two files are taken."""
        for extension, start in _STARTS.items():
            client = self.survey.visitor(self.app)
            answers = [
                self.send(client, f"kq7{number}.{extension}", start + b"%d" % number)
                for number in (1, 2)
            ]
            if all(_is_taken(each) for each in answers):
                return extension
        return None

    def download(self, extension: str) -> str | None:
        """Return where files are served, with `{name}` for the part that differs."""
        client = self.survey.visitor(self.app)
        found = []
        for number in (3, 4):
            content = _STARTS[extension] + b"download %d" % number
            answer = self.send(client, f"kq7{number}.{extension}", content)
            links = [each for each in _links(client, answer) if not does_something(each)]
            served = (each for each in links[:_LINKS] if client.get(each).body == content)
            found.append(next(served, "").split("/"))
        one, other = found
        differ = [
            place for place, pair in enumerate(zip(one, other, strict=False)) if len({*pair}) > 1
        ]
        if len(one) != len(other) or len(differ) != 1:
            return None
        return "/".join("{name}" if place == differ[0] else each for place, each in enumerate(one))


def _is_taken(response: Response) -> bool:
    return was_accepted(Exchange(response.request, response)) is True


def _links(client: Client, answer: Response) -> Iterator[str]:
    """Yield the paths that the answer to an upload names, and those of the page it leads to."""
    for response in (answer, client.follow(answer)):
        exchange = Exchange(response.request, response)
        texts = [response.location or "", *exchange.links()]
        texts += [
            each.attributes.get("src", "") for each in exchange.page.find() if each.attributes
        ]
        with contextlib.suppress(ValueError):
            texts += strings(response.json())
        for text in filter(None, texts):
            if (path := exchange.local(text)) is not None:
                yield path


#: Names of settings with the most bytes of an upload, where it is not Flask's own.
_LIMIT = re.compile(r"MAX.*(SIZE|LENGTH|BYTES|UPLOAD|FILE)|(SIZE|LENGTH|UPLOAD|FILE).*(MAX|LIMIT)")

#: The largest limit that is tried.
_LARGEST = 2**23


def _limit(survey: Survey, sender: _Uploads, extension: str) -> Iterator[Finding]:
    """Yield a limit of the app's own, beyond which it answers 413."""
    limits = {
        key: value
        for key, value in survey.app.config.items()
        if _LIMIT.search(key) and type(value) is int and 1000 <= value <= _LARGEST
        if key not in flask.Flask.default_config
    }
    if survey.app.config.get("MAX_CONTENT_LENGTH"):
        return
    for key, value in sorted(limits.items(), key=lambda each: each[1])[:3]:

        def refuses(value: int = value) -> bool:
            client = survey.visitor(sender.app)
            start = _STARTS[extension]
            sizes = (value - 500, value + 500)
            under, over = (
                sender.send(client, f"kq7.{extension}", start.ljust(size, b"7")) for size in sizes
            )
            return _is_taken(under) and over.status == 413

        if attempt(survey, refuses):
            yield Finding(SLUG, "limit", value, f"{key}: a longer file was answered 413")
            return


def _has_form(survey: Survey, path: str) -> bool:
    """Check whether a page has a form that sends a file to a path."""
    return any(
        page.local(form.attributes.get("action") or page.target) == path
        and any(each.attributes.get("type") == "file" for each in _inputs(form))
        for page in (*survey.pages, *survey.heard)
        for form in page.forms()
    )


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
