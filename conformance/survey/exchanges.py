"""Requests and answers, with what Flask told meanwhile. Nothing in the app is changed by it."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import flask

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
    """Hears Flask's signals of the exchange that is on its way in this thread."""

    def __init__(self, app: flask.Flask) -> None:
        self.app = app
        self.current: Exchange | None = None

    @contextlib.contextmanager
    def hearing(self, exchange: Exchange) -> Iterator[None]:
        """Write what is heard while the block runs into an exchange."""
        pairs = (
            (flask.request_started, self._started),
            (flask.request_finished, self._finished),
            (flask.template_rendered, self._rendered),
            (flask.message_flashed, self._flashed),
            (flask.got_request_exception, self._raised),
        )
        before, self.current = self.current, exchange
        try:
            with contextlib.ExitStack() as stack:
                for signal, receiver in pairs:
                    stack.enter_context(signal.connected_to(receiver, sender=self.app))
                yield
        finally:
            self.current = before

    def _started(self, sender: object, **values: object) -> None:
        assert self.current is not None
        rule = flask.request.url_rule
        self.current.endpoint = rule.endpoint if rule is not None else None

    def _finished(self, sender: object, response: object = None, **values: object) -> None:
        assert self.current is not None
        # The session is saved by now: to look at it leaves no mark on the answer.
        self.current.session_after = frozenset(map(str, flask.session or ()))
        self.current.values = dict(flask.request.view_args or {})
        self.current.kept = {
            name: value
            for name in flask.g
            if isinstance(value := getattr(flask.g, name, None), str)
        }
        self.current.streamed = bool(
            getattr(response, "is_streamed", False)
            and not getattr(response, "direct_passthrough", False)
        )

    def _rendered(self, sender: Any, template: Any, context: Mapping[str, Any], **_: Any) -> None:
        assert self.current is not None
        types = {name: type_name(value) for name, value in context.items()}
        self.current.templates.append((template.name or "", types))

    def _flashed(self, sender: object, message: object, category: str, **values: object) -> None:
        assert self.current is not None
        self.current.messages.append((str(message), str(category)))

    def _raised(self, sender: object, exception: BaseException, **values: object) -> None:
        assert self.current is not None
        self.current.error = told(exception)[:300]


def type_name(value: object) -> str:
    """Return the module and the name of a value's type."""
    kind = type(value)
    return f"{kind.__module__}.{kind.__qualname__}"
