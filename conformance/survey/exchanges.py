"""Requests and answers, with what Flask told meanwhile. Nothing in the app is changed by it."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import io
import json
import threading
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import flask
import werkzeug.formparser

from ..core.told import told
from ..instruments.html import Element, Page
from ..transports import Request, Response


@dataclasses.dataclass
class Exchange:
    """A request, its answer, and what Flask said while it was made."""

    request: Request
    response: Response
    #: The endpoint that answered; None where no rule matched.
    endpoint: str | None = None
    #: The templates that were rendered, in order, each with the types of its context by name.
    templates: list[tuple[str, Mapping[str, str]]] = dataclasses.field(default_factory=list)
    messages: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    #: The keys of the session when the request began, and when it ended.
    session_before: frozenset[str] = frozenset()
    session_after: frozenset[str] = frozenset()
    #: The values of the URL and the texts in `g`, as the view and the hooks left them.
    values: dict[str, Any] = dataclasses.field(default_factory=dict)
    kept: dict[str, str] = dataclasses.field(default_factory=dict)
    #: The exception that left the view, as a text.
    error: str = ""
    #: The answer came piece by piece, from a generator.
    streamed: bool = False
    #: It has no end, or a later one than the survey waited for.
    cut: bool = False
    #: Which client sent it, of those that were heard, and in which test.
    client: int = 0
    test: str = ""
    #: The body of the answer, as far as Flask has it by now; None where it is not made yet.
    body: bytes | None = None

    @property
    def method(self) -> str:
        """The request's method."""
        return self.request.method

    @property
    def target(self) -> str:
        """The path and the query."""
        return self.request.target

    @property
    def path(self) -> str:
        """The path without the query."""
        return self.request.target.partition("?")[0]

    @property
    def status(self) -> int:
        """The answer's status."""
        return self.response.status

    @property
    def is_html(self) -> bool:
        """Whether the answer is an HTML page, or a part of one."""
        return self.response.mimetype == "text/html"

    @property
    def is_whole(self) -> bool:
        """Whether the answer is a whole HTML page, rather than a part of one."""
        begins = self.response.text.lstrip().lower().startswith("<!doctype html")
        return self.is_html and (begins or bool(self.page.find("html")))

    @property
    def is_page(self) -> bool:
        """Whether the answer is a whole HTML page that went well."""
        return self.status == 200 and self.is_whole

    @functools.cached_property
    def page(self) -> Page:
        """The answer, parsed; an empty page where it is no HTML."""
        return Page(self.response.text if self.is_html else "")

    @functools.cached_property
    def fields(self) -> dict[str, list[str]]:
        """The fields of the form that was sent; none where no form was."""
        return self._sent[0]

    @functools.cached_property
    def files(self) -> dict[str, tuple[str, bytes]]:
        """The files that were sent, each with its name and content, by field."""
        return self._sent[1]

    @functools.cached_property
    def _sent(self) -> tuple[dict[str, list[str]], dict[str, tuple[str, bytes]]]:
        kind = self._content_type
        fields: dict[str, list[str]] = {}
        if kind.startswith("application/x-www-form-urlencoded"):
            for name, value in parse_qsl(
                self.request.body.decode("utf-8", "replace"), keep_blank_values=True
            ):
                fields.setdefault(name, []).append(value)
        if not kind.startswith("multipart/form-data"):
            return fields, {}
        environ = {
            "wsgi.input": io.BytesIO(self.request.body),
            "CONTENT_TYPE": kind,
            "CONTENT_LENGTH": str(len(self.request.body)),
            "REQUEST_METHOD": "POST",
        }
        parser = werkzeug.formparser.FormDataParser(stream_factory=lambda *_, **__: io.BytesIO())
        _, form, files = parser.parse_from_environ(environ)
        return form.to_dict(flat=False), {
            name: (file.filename or "", file.read()) for name, file in files.items()
        }

    @property
    def _content_type(self) -> str:
        named = (value for name, value in self.request.headers if name.lower() == "content-type")
        return next(named, "")

    @functools.cached_property
    def json(self) -> Any:
        """The JSON that was sent; None where none was."""
        if "json" not in self._content_type:
            return None
        with contextlib.suppress(ValueError):
            return json.loads(self.request.body)
        return None

    def to_json(self) -> dict[str, Any]:
        """Return the exchange in types that JSON has."""
        data = {
            each.name: getattr(self, each.name)
            for each in dataclasses.fields(self)
            if each.name not in ("request", "response", "body")
        }
        return {
            **data,
            "values": {key: str(value) for key, value in self.values.items()},
            "session_before": sorted(self.session_before),
            "session_after": sorted(self.session_after),
            "request": {
                "method": self.request.method,
                "target": self.request.target,
                "headers": self.request.headers,
                # Each byte as the character of that number.
                "body": self.request.body.decode("latin-1"),
            },
            "response": {
                "status": self.response.status,
                "headers": self.response.headers,
                "body": self.response.body.decode("latin-1"),
            },
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Exchange:
        """Read what `to_json` wrote."""
        sent, got = data["request"], data["response"]
        request = Request(
            sent["method"], sent["target"], _pairs(sent["headers"]), sent["body"].encode("latin-1")
        )
        body = got["body"].encode("latin-1")
        return cls(
            **{
                **data,
                "request": request,
                "response": Response(got["status"], _pairs(got["headers"]), body, request),
                "templates": [(name, types) for name, types in data["templates"]],
                "messages": [(text, category) for text, category in data["messages"]],
                "session_before": frozenset(data["session_before"]),
                "session_after": frozenset(data["session_after"]),
            }
        )

    def forms(self, method: str = "post") -> list[Element]:
        """Return the page's forms that are sent with a method."""
        return [
            form
            for form in self.page.find("form")
            if (form.attributes.get("method") or "get").lower() == method
        ]

    def leads_to(self) -> str | None:
        """Return the path and query that a redirect within the site leads to; else None."""
        if not self.response.is_redirect:
            return None
        return self.local(self.response.location or "")

    def local(self, link: str) -> str | None:
        """Return the path and query of a link that stays on the site; None for others."""
        try:
            parts = urlsplit(urljoin(f"http://localhost{self.target}", link.strip()))
        except ValueError:
            return None
        if parts.scheme not in ("http", "https") or parts.netloc != "localhost":
            return None
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def links(self) -> Iterator[str]:
        """Yield where the page leads: its links, and the pages of its forms sent with GET."""
        for element in self.page.find("a"):
            if href := element.attributes.get("href"):
                yield href
        for element in self.page.find("form"):
            if (element.attributes.get("method") or "get").lower() == "get":
                yield element.attributes.get("action") or self.path


class Listener:
    """Hears Flask's signals of the exchange that is on its way in a thread.

    Of one app, while its exchange is made; or of every app of the process, between `open` and
    `close`.
    """

    def __init__(self, app: flask.Flask | None = None) -> None:
        self.app = app
        self._here = threading.local()
        self._open = contextlib.ExitStack()

    @property
    def current(self) -> Exchange | None:
        """The exchange that this thread makes; None where it makes none."""
        return getattr(self._here, "current", None)

    def open(self) -> None:
        """Begin to hear every app."""
        self._connect(self._open, {})

    def close(self) -> None:
        """Hear nothing any more."""
        self._open.close()

    @contextlib.contextmanager
    def hearing(self, exchange: Exchange) -> Iterator[None]:
        """Write what is heard while the block runs into an exchange."""
        before, self._here.current = self.current, exchange
        try:
            with contextlib.ExitStack() as stack:
                if self.app is not None:
                    self._connect(stack, {"sender": self.app})
                yield
        finally:
            self._here.current = before

    def _connect(self, stack: contextlib.ExitStack, sender: dict[str, Any]) -> None:
        for signal, receiver in (
            (flask.request_started, self._started),
            (flask.request_finished, self._finished),
            (flask.template_rendered, self._rendered),
            (flask.message_flashed, self._flashed),
            (flask.got_request_exception, self._raised),
        ):
            stack.enter_context(signal.connected_to(receiver, **sender))

    def _started(self, sender: object, **values: object) -> None:
        if (exchange := self.current) is None:
            return
        rule = flask.request.url_rule
        exchange.endpoint = rule.endpoint if rule is not None else None
        exchange.session_before = _session_keys()

    def _finished(self, sender: object, response: Any = None, **values: object) -> None:
        if (exchange := self.current) is None:
            return
        exchange.session_after = _session_keys()
        exchange.values = dict(flask.request.view_args or {})
        exchange.kept = {
            name: value
            for name in flask.g
            if isinstance(value := getattr(flask.g, name, None), str)
        }
        passed = getattr(response, "direct_passthrough", False)
        exchange.streamed = bool(getattr(response, "is_streamed", False) and not passed)
        if response is not None and not exchange.streamed and not passed:
            # A list of what is there: reading it uses nothing up.
            exchange.body = b"".join(response.iter_encoded())

    def _rendered(self, sender: Any, template: Any, context: Mapping[str, Any], **_: Any) -> None:
        if (exchange := self.current) is not None:
            types = {name: type_name(value) for name, value in context.items()}
            exchange.templates.append((template.name or "", types))

    def _flashed(self, sender: object, message: object, category: str, **values: object) -> None:
        if (exchange := self.current) is not None:
            exchange.messages.append((str(message), str(category)))

    def _raised(self, sender: object, exception: BaseException, **values: object) -> None:
        if (exchange := self.current) is not None:
            exchange.error = told(exception)[:300]


def _session_keys() -> frozenset[str]:
    """Return the keys of the session, without a mark on it that somebody has looked at it."""
    # The proxy and, from Flask 3.1.3 on, the context's property make such a mark.
    found: list[Any] = [
        getattr(flask.globals, name).get(None)
        for name in ("_cv_request", "_cv_app")
        if hasattr(flask.globals, name)
    ]
    held: dict[str, Any] = next((vars(each) for each in found if each is not None), {})
    session = held.get("_session", held.get("session"))
    return frozenset(map(str, session)) if isinstance(session, Mapping) else frozenset()


def _pairs(lists: Any) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in lists)


def type_name(value: object) -> str:
    """Return the module and the name of a value's type."""
    kind = type(value)
    return f"{kind.__module__}.{kind.__qualname__}"
