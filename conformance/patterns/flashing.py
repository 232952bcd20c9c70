"""Message Flashing: the next page shows what a request flashed, and only that page."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import functools
import hashlib
import hmac
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import flask
from flask.sessions import NullSession
from pydantic import Field

from ..core.errors import Broken, Deviation, Refused, Untested
from ..core.ledger import Ledger
from ..instruments.html import Element, Page, normal
from ..instruments.values import strings
from ..subject.config import Binding, Route
from ..transports import Client, Request, Response
from ..transports.wsgi import WSGIServer
from . import Pattern
from .harness import Harness

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

T = TypeVar("T")

#: Keys that appear in documentation and tutorials: anyone who reads those can sign a session.
PUBLISHED_KEYS = (
    b'_5#y2L"F4Q8z\n\xec]/',
    b"192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",
    b"dev",
    b"development key",
    b"hard to guess string",
    b"secret",
    b"secret key",
    b"super secret key",
    b"you-will-never-guess",
    b"your-secret-key",
)

#: Headers with which a browser requests an image rather than a page.
AS_IMAGE = (
    ("Accept", "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"),
    ("Sec-Fetch-Dest", "image"),
    ("Sec-Fetch-Mode", "no-cors"),
)

#: Categories that many apps use: the default, those of the chapter, and those of CSS frameworks.
COMMON_CATEGORIES = ("message", "error", "info", "warning", "success", "danger")

_numbers = itertools.count()


class Flashing(Binding):
    """How a subject exposes message flashing."""

    page: Route | None = None
    """A page that shows messages: any that uses the layout, for a visitor who is not logged in."""
    trigger: Route | None = None
    """A request that succeeds, however often it is sent, and flashes a message: a login, or one
    with `{n}` in its form."""
    success: str | None = None
    """The text that the trigger flashes; needed if `flash` is not called or cannot be observed:
    in an app with its own messages, or one in another process."""
    failure: Route | None = None
    """The same request with values that make it fail."""
    error: str | None = None
    """The text that the failure shows."""
    notice: Route | None = None
    """A request that flashes the text in one of its fields; without it, messages are put into
    the session directly."""
    text_field: str = "text"
    """The field of `notice` that holds the text: of its form, its JSON or its query."""
    category_field: str | None = None
    """The field of `notice` that holds the category."""
    category_in: str | None = None
    """Where the page shows a message's category: an attribute, such as `class`, of an element
    around it, or `text`."""
    categories: dict[str, str] | None = None
    """The categories that the page knows, and the word it shows for each; by default, it shows
    each category unchanged."""
    filtered: Route | None = None
    """A page that shows messages in a separate block for each category."""
    blocks: Annotated[dict[str, str], Field(min_length=1)] | None = None
    """The blocks of the filtered page: a category, and the id or class of its element."""
    streamed: Route | None = None
    """A page that is streamed and shows messages."""
    elsewhere: Annotated[list[Route], Field(min_length=1)] | None = None
    """Requests that show no messages: a redirect, a page without the layout, JSON."""


@dataclasses.dataclass(frozen=True)
class Message:
    """A flashed message; `category` is None if none was passed."""

    text: str
    category: str | None = None


@dataclasses.dataclass(frozen=True)
class Usual:
    """What a notice that is accepted gets: a redirect and where to, and whether it is flashed."""

    is_redirect: bool
    location: str
    flashes: bool


class FlashingHarness(Harness[Flashing]):
    """Flashes through the app's routes or directly, and reads what its pages show."""

    kind = "routes"
    keys = ("page",)
    unruled = ("elsewhere",)

    #: Whether the app has its own kind of messages; None if that is not known yet.
    _own: bool | None = None

    @staticmethod
    def marked(text: str, category: str | None = None) -> Message:
        """Return a message that is not part of any other, so that a page can be searched for it."""
        number = next(_numbers)
        return Message(f"kq{number}a{text}kq{number}z", category)

    # Flashing.

    def flash(self, client: Client, *messages: Message) -> None:
        """Flash messages for a client, in order, each in its own request.

        They are sent through the bound `notice` if it accepts them, and are otherwise put into
        the session. An app with its own messages does not show the latter: see `flash_inside`.
        """
        for message in messages:
            if self._notice_takes(message):
                self.post_notice(client, message)
            else:
                self.flash_inside(client, message)

    def find_out(self) -> None:
        """Find out what the bound `notice` does, before anything is flashed that counts."""
        if self._notice_takes(Message("")) and self.binding.category_field is not None:
            self._notice_takes(Message("", "conformance"))

    def _notice_takes(self, message: Message) -> bool:
        notice = self.binding.notice
        # The page of a form would show the pending messages.
        if notice is None or notice.form_page is not None:
            return False
        named = self.binding.category_field is not None
        return message.category is None or (named and not self._own_categories)

    def post_notice(self, client: Client, message: Message) -> Response:
        """Flash a message through the bound `notice`.

        Raises `Refused` if it is refused although a plain one is accepted, and `Broken` if that
        is refused too.
        """
        response, accepted = self._sent_notice(client, message)
        if accepted:
            return response
        with self.aside():
            plain = dataclasses.replace(message, text=self.marked("plain").text)
            answer, accepted = self._sent_notice(self.client(), plain)
        if accepted:
            raise Refused.for_text(self.slug, "notice", message.text, response)
        raise self.refused("notice", answer, plain.text)

    @functools.cached_property
    def _own_categories(self) -> bool:
        """Whether the bound `notice` refuses a category that the app does not know."""
        with self.aside():
            unknown = self._sent_notice(self.client(), self.marked("plain", "conformance"))[1]
            known = self._sent_notice(self.client(), self.marked("plain"))[1]
        return known and not unknown

    def _sent_notice(self, client: Client, message: Message) -> tuple[Response, bool]:
        """Send a message to the bound `notice`; return the response, and whether it is accepted."""
        fields = {self.binding.text_field: message.text}
        if message.category is not None:
            fields[self.need("category_field")] = message.category
        response, accepted = self.sent(client, fields, message.text)
        if response.status >= 500:
            raise Deviation(f"the notice {message.text!r} to be accepted", str(response))
        return response, accepted

    def sent(self, client: Client, fields: Mapping[str, str], text: str) -> tuple[Response, bool]:
        """Send fields to the bound `notice`; return the response, and whether it is accepted.

        A refusal need not be an error: it may be the form again, or a redirect to it with a
        message that says so. `text` is the text among the fields.
        """
        with self.flashed_with() as given:
            response = self.send(client, self.need("notice"), fields=fields)
        usual = self.usual_notice
        if response.status >= 400 or (usual.is_redirect and not response.is_redirect):
            return response, False
        return response, not usual.flashes or any(_mark(text) in said for said in given)

    @functools.cached_property
    def usual_notice(self) -> Usual:
        """What the bound `notice` does with a plain text."""
        message = self.marked("plain")
        with self.aside(), self.flashed_with() as given:
            fields = {self.binding.text_field: message.text}
            response = self.send(self.client(), self.need("notice"), fields=fields)
        said = any(_mark(message.text) in text for text in given)
        return Usual(response.is_redirect, response.location or "", said)

    def refused(self, key: str, response: Response, text: str = "") -> Broken:
        """Return the error of a bound request that should be accepted but is refused."""
        told = f"{text!r} is refused: {response}" if text else f"it is refused: {response}"
        route: Route = self.need(key)
        if "CSRF" in response.text and route.form_page is None:
            told += "; form_page is missing: it names the page with the form that has the token"
        return Broken.for_key(self.slug, key, told)

    def flash_inside(self, client: Client, message: Message) -> None:
        """Flash a message in the client's session directly, or raise `Untested`."""
        if self.has_own_messages():
            raise Untested.for_keys(
                self.slug,
                "notice" if self.binding.notice is None else "category_field",
                hint=": the app does not call flash(); only its own routes can leave a message",
            )
        values = (message.text,) if message.category is None else (message.text, message.category)
        step = f"flash({', '.join(map(repr, values))}), called by the kit in the client's session"
        self.within(client, step, lambda: flask.flash(*values))

    def within(self, client: Client, what: str, function: Callable[[], T]) -> T:
        """Call a function in a request with the client's session, which is then saved.

        `what` describes it in failures. The app's views and hooks do not run.
        """
        self.inside()
        app = self.flask_app
        given: list[T] = []

        def wsgi_app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            with app.request_context(environ):
                if isinstance(flask.session._get_current_object(), NullSession):  # type: ignore[attr-defined]
                    raise Untested("needs an app with a SECRET_KEY: without one it cannot flash")
                given.append(function())
                response = app.response_class()
                # The object behind the proxy, because interfaces store attributes on it.
                session = flask.session._get_current_object()  # type: ignore[attr-defined]
                app.session_interface.save_session(app, session, response)
            return response(environ, start_response)

        # A separate ledger, because this request cannot be reproduced by the user.
        helper = Client(WSGIServer(wsgi_app), Ledger(), client.host)
        helper.cookies = client.cookies
        answer = helper.send(Request.build("POST", self.need("page").path, host=client.host))
        self.ledger.call(what)
        if isinstance(answer.error, Untested):
            raise answer.error
        if answer.error is not None:
            raise Deviation(f"{what} to work in the app", f"{answer}")
        return given[0]

    @contextlib.contextmanager
    def flashed(self, bound_text: str | None = None) -> Iterator[list[str]]:
        """Yield a list of the texts that the app flashes in the block, filled in when it ends.

        `bound_text` is the text in the binding, used if the app runs in another process or does
        not call `flash`.
        """
        texts: list[str] = []
        if bound_text is not None and not self.bench.transport.same_process:
            yield texts
            texts.append(bound_text)
            return
        with self.signals(flask.message_flashed) as heard:
            yield texts
        for _, values in heard:
            message = values["message"]
            texts.append(Page(message).text if hasattr(message, "__html__") else str(message))
        if not texts and bound_text is not None:
            texts.append(bound_text)

    @contextlib.contextmanager
    def flashed_with(self) -> Iterator[dict[str, str]]:
        """Yield the category of each text that is passed to `flash` in the block.

        It stays empty if the app runs in another process.
        """
        given: dict[str, str] = {}
        if not self.bench.transport.same_process:
            yield given
            return
        with self.signals(flask.message_flashed) as heard:
            yield given
        given.update({str(each["message"]): each["category"] for _, each in heard})

    def has_own_messages(self) -> bool:
        """Check whether the app leaves messages without calling `flash`, using `success`."""
        trigger, success = self.binding.trigger, self.binding.success
        if not self.bench.transport.same_process or None in (trigger, success):
            return False
        if self._own is None:
            assert trigger is not None
            assert success is not None
            client = self.client()
            with self.flashed() as said:
                answer = self.send(client, trigger)
            shown = (client.follow(answer), self.read(client))
            self._own = not said and any(self.texts_shown(page, [success]) for page in shown)
        return self._own

    @property
    def known_categories(self) -> list[str]:
        """The categories that the page knows, or those that are usual if that is not told."""
        return sorted(self.binding.categories or {*COMMON_CATEGORIES, *(self.binding.blocks or ())})

    # Reading.

    def read(self, client: Client, route: Route | None = None) -> Response:
        """Request the page that shows messages, or another route, and follow redirects."""
        response = client.follow(self.send(client, route or self.need("page")))
        if response.status >= 500:
            raise Deviation("the page with the messages", str(response))
        return response

    @staticmethod
    def texts_shown(response: Response, texts: Iterable[str]) -> list[str]:
        """Return those of the texts that a response shows, in order and with repetitions."""
        wanted = list(texts)
        return next(filter(None, (_search(place, wanted) for place in _sources(response))), [])

    @staticmethod
    def shown_instead(response: Response, message: Message) -> str:
        """Return what a response shows in place of a marked message."""
        mark = message.text.partition("a")[0]
        for source in _sources(response):
            _, found, rest = normal(source).partition(mark)
            if found:
                return repr(mark + rest[: len(message.text) + 20])
        return f"nothing of it: {response}"

    def category_shown(self, response: Response, message: Message, others: Sequence[str]) -> bool:
        """Check whether the page shows the message's category with it."""
        category = message.category or "message"
        word = (self.binding.categories or {}).get(category, category).casefold()
        said = [value.casefold() for value in self.said_with(response, message.text, others)]
        return any(
            word == value or any(f"-{token}".endswith(f"-{word}") for token in value.split())
            for value in said
        )

    @functools.cached_property
    def shown_unchanged(self) -> tuple[list[str], bool]:
        """The usual categories that the page shows as they are, and whether it tells any apart.

        For an app that does not say which categories it knows: of one that it does not know, the
        page need not show anything.
        """
        messages = [Message(self.marked("known").text, each) for each in COMMON_CATEGORIES]
        shown, said = [], []
        with self.aside():
            for message in messages:
                client = self.client()
                self.flash_inside(client, message)
                page = self.read(client)
                words = self.said_with(page, message.text, [])
                said.append(tuple(each.replace(message.text, "") for each in words))
                if self.category_shown(page, message, []):
                    shown.append(message.category or "")
        return shown, len(set(said)) > 1

    def said_with(self, response: Response, text: str, others: Sequence[str]) -> list[str]:
        """Return what the page shows with a message in the place of its category."""
        place = self.need("category_in")
        if "json" in response.mimetype:
            return list(_json_around(response.json(), text))
        around = [
            element
            for element in Page(response.text).find()
            if normal(text) in normal(element.text)
            and not any(normal(other) in normal(element.text) for other in others)
        ]
        if place == "text":
            return [re.sub(r"\W+", " ", element.text.replace(text, "")) for element in around]
        return [element.attributes[place] for element in around if place in element.attributes]

    def in_block(self, response: Response, category: str, texts: Iterable[str]) -> list[str]:
        """Return those of the texts that a category's block shows, in order."""
        elements = self.block(response, category)
        return _search(" ".join(element.text for element in elements), texts)

    def block(self, response: Response, category: str) -> list[Element]:
        """Return the elements of a category's block of the filtered page."""
        name = self.need("blocks")[category]
        return [
            element
            for element in Page(response.text).find()
            if element.attributes.get("id") == name or name in element.classes
        ]

    def check_blocks(self) -> None:
        """Raise `Broken` if a bound block does not appear although its category has a message."""
        blocks = self.need("blocks")
        client = self.client()
        self.flash(client, *(self.marked("block", category) for category in sorted(blocks)))
        page = self.read(client, self.need("filtered"))
        absent = [name for category, name in blocks.items() if not self.block(page, category)]
        if absent:
            raise Broken.for_key(
                self.slug,
                "blocks",
                f"no element of {self.need('filtered').path} has the id or class "
                f"{' or '.join(map(repr, absent))}, although each category had a message",
            )

    # Other requests.

    def assets(self) -> list[Request]:
        """Return requests a browser makes alongside a page, for images that do not exist."""
        places = ["/favicon.ico", "/conformance-missing.png"]
        if isinstance(self.app, flask.Flask) and self.app.static_url_path is not None:
            places.append(f"{self.app.static_url_path}/conformance-missing.png")
        return [Request.build("GET", place, headers=AS_IMAGE) for place in places]


def _mark(text: str) -> str:
    """Return the beginning of a marked text, which is part of no other."""
    return re.match(r"(kq\d+a)?", text)[0] or text  # type: ignore[index]


def shape(response: Response) -> list[tuple[str, tuple[str, ...]]]:
    """Return a page's elements with the names of their attributes, without text."""
    return [
        (element.tag, tuple(sorted(element.attributes))) for element in Page(response.text).find()
    ]


def path_to(page: Page, text: str) -> list[Element]:
    """Return the elements around a text, outermost first."""
    return [element for element in page.find() if normal(text) in normal(element.text)]


def signed_with(value: str, key: bytes) -> bool:
    """Check whether a session cookie's value is signed with a key, as Flask's sessions are."""
    payload, _, signature = value.rpartition(".")
    derived = hmac.new(key, b"cookie-session", hashlib.sha1).digest()
    digest = hmac.new(derived, payload.encode(), hashlib.sha1).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=") == signature.encode()


def _search(place: str, texts: Iterable[str]) -> list[str]:
    """Return the texts that a string contains, in order and with repetitions."""
    place = normal(place)
    found = [
        (match.start(), text)
        for text in set(texts)
        for match in re.finditer(re.escape(normal(text)), place)
    ]
    return [text for _, text in sorted(found)]


def _sources(response: Response) -> Iterator[str]:
    """Yield the parts of a response that may contain messages, the likeliest first."""
    if "json" in response.mimetype:
        yield "\n".join(_json_strings(response.text))
        return
    if response.mimetype != "text/html":
        yield response.text
        return
    page = Page(response.text)
    yield page.text
    # Pages whose messages are rendered by a script pass them to it as data.
    data = [script.raw for script in page.find("script")]
    data += [
        value
        for element in page.find()
        for name, value in element.attributes.items()
        if name.startswith("data-")
    ]
    yield "\n".join(string for text in data for string in _json_strings(text))


def _json_strings(text: str) -> Iterator[str]:
    """Yield the strings in JSON; from other text its string literals, or the text itself."""
    try:
        yield from strings(json.loads(text))
    except ValueError:
        literals = re.findall(r'"(?:[^"\\\n]|\\.)*"', text)
        for literal in literals:
            with contextlib.suppress(ValueError):
                yield json.loads(literal)
        if not literals:
            yield text


def _json_around(value: Any, text: str, keys: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the strings next to a text, and the keys above it."""
    items = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    for key, item in items:
        below = (*keys, key) if isinstance(key, str) else keys
        if item == text:
            yield from below
            yield from (other for _, other in items if isinstance(other, str) and other != text)
        elif isinstance(item, list | dict):
            yield from _json_around(item, text, below)


pattern = Pattern(
    slug="flashing",
    title="Message Flashing",
    sections={
        "": "Message Flashing",
        "simple-flashing": "Simple Flashing",
        "flashing-with-categories": "Flashing With Categories",
        "filtering-flash-messages": "Filtering Flash Messages",
    },
    binding=Flashing,
    harnesses=(FlashingHarness,),
)
