"""JavaScript, fetch, and JSON: data for a page's scripts, and JSON in both directions."""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast
from urllib.parse import quote, urljoin, urlsplit

from pydantic import Field, field_validator

from ..core.errors import Broken, Deviation, Untested
from ..instruments.html import Element, Page, normal
from ..instruments.values import strings
from ..subject.config import Binding, Route, numbered, posted
from ..transports import Client, Request, Response
from . import Pattern
from .harness import Harness, Mounted

if TYPE_CHECKING:
    from ..instruments.bench import Bench
    from ..instruments.browser import Tab
    from ..transports import WSGIApp

#: Seconds within which a page's script must act after a click.
PATIENCE = 5.0

#: Attributes that hold URLs.
URL_ATTRIBUTES = ("href", "src", "action", "formaction", "poster")


class Act(Binding):
    """What a person does on a page to make its script fetch something."""

    page: Route
    """The page; it is opened in a browser."""
    fill: dict[str, str] = Field(default_factory=dict)
    """Inputs to fill in first: their names with texts."""
    click: str
    """A CSS selector of the element to click."""


class Replacement(Act):
    """An act that replaces part of a page."""

    changes: str
    """A CSS selector of the element whose content is replaced."""


class Departure(Act):
    """An act whose fetch is redirected, which takes the browser to another page."""

    leads_to: str
    """The path of the page that the browser ends at."""


class JavaScript(Binding):
    """How a subject passes data to scripts, and exchanges it with them.

    A place in a page is given as `chart_data`, a variable or a key in a script element;
    `#chart-data`, an element that contains JSON; or `data-chart`, an attribute.
    """

    page: Route | None = None
    """A page that passes a value to its script."""
    script: str | None = None
    """The place of that value in a script element: a variable, or `#id`."""
    attribute: str | None = None
    """The data attribute that contains that value."""
    value_field: str | None = None
    """The field of `page` that sets the value; without it, clauses only check that it is JSON."""
    value_kind: Literal["json", "text"] = "json"
    """What the field holds: the value as JSON, or a text that is part of the value."""
    script_root: str | None = None
    """The place in `page` of the root that its script puts in front of paths."""
    url_page: Route | None = None
    """A page that passes a URL of the app to its script."""
    url: str | None = None
    """The place of that URL."""
    url_field: str | None = None
    """A field of `url_page` with a text that is part of the URL, and shown in its response."""
    detail: str | None = None
    """The path at which the API returns one thing as a JSON object: `/api/rooms/{id}`."""
    known: str = "1"
    """An existing id for it; unknown ones are generated in the same format."""
    fields: Annotated[list[str], Field(min_length=1)] | None = None
    """All names that the JSON object may contain."""
    listing: Route | None = None
    """A request whose response is a JSON array."""
    receive: Route | None = None
    """A request with a JSON object; a POST unless the table says otherwise. Without `json`, one is
    built from `required`, `text_field` and `number_field`."""
    text_field: str | None = None
    """A name in that object that takes any line of text; a response with a body is JSON with it."""
    number_field: str | None = None
    """A name in that object that takes a number."""
    required: Annotated[list[str], Field(min_length=1)] | None = None
    """The names that the object must contain."""
    state: Route | None = None
    """A request whose response changes only if `receive` has changed something."""
    form: Route | None = None
    """A request with a form, as a script sends FormData; a POST unless the table says
    otherwise."""
    form_field: str | None = None
    """A field of that form whose text the response shows."""
    redirects: Annotated[list[Route], Field(min_length=1)] | None = None
    """Requests that a script sends with PUT, PATCH or DELETE, whose responses redirect to the next
    page."""
    fragment: Route | None = None
    """A request whose response is HTML for part of a page."""
    fragment_field: str | None = None
    """A field of that request whose text the fragment shows."""
    replace: Replacement | None = None
    """What to do on a page to make its script fetch a part of it and insert that."""
    follow: Departure | None = None
    """What to do on a page to make its script fetch a redirect and follow it."""

    @field_validator("receive", "form", mode="before")
    @classmethod
    def _post(cls, value: object) -> object:
        return posted(value)

    @field_validator("receive")
    @classmethod
    def _object(cls, value: Route | None) -> Route | None:
        if value is not None and not isinstance(value.json_body, dict | None):
            raise ValueError("its json must be an object that the app accepts")
        return value

    @field_validator("attribute")
    @classmethod
    def _data(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith("data-"):
            raise ValueError("an attribute for scripts must start with data-")
        return value

    @field_validator("detail")
    @classmethod
    def _with_id(cls, value: str | None) -> str | None:
        if value is not None and (value.count("{id}") != 1 or not value.startswith("/")):
            raise ValueError("it must start with a slash and contain {id} once")
        return value


class JavaScriptHarness(Harness[JavaScript]):
    """Reads what pages pass to scripts, speaks JSON with the API, and opens pages in a browser."""

    kind = "routes"

    _plain: list[str] | None = None

    def __init__(self, slug: str, binding: JavaScript, bench: Bench) -> None:
        super().__init__(slug, binding, bench)
        self._numbers = itertools.count()
        self._mounts: dict[str, WSGIApp] = {}

    def marked(self, text: str = "") -> str:
        """Return a text that is not part of any other, and that nothing strips."""
        number = next(self._numbers)
        return f"kq{number}a{text}kq{number}z"

    def need_shown(self, client: Client) -> None:
        """Raise `Broken` if the response to `receive` does not even show a plain text."""
        plain = self.marked()
        response = self.give(client, self.sample(plain))
        if response.status < 300 and not says(response, plain):
            raise Broken.for_key(
                self.slug,
                "text_field",
                f"the response does not show {self.binding.text_field} = {plain!r}: {response}",
            )

    # What a page passes to its script.

    def sent(self, value: object) -> str:
        """Return what to send in the field that sets the page's value."""
        if self.binding.value_kind == "json":
            return json.dumps(value, ensure_ascii=False)
        return self.marked(
            value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        )

    def handing(self, sent: str, prefix: str = "") -> Request:
        """Return the request for the page with the sent value."""
        field, route = self.binding.value_field, cast(Route, self.need("page"))
        fields = {field: sent} if field else None
        return route.request(target=prefix + route.path, fields=fields)

    def page(self, client: Client, sent: str, prefix: str = "") -> Response:
        """Request the page with the sent value."""
        return self.served(client.send(self.handing(sent, prefix)))

    def arrived(self, found: object, value: object, sent: str) -> bool:
        """Check whether the value found in the page is the one sent, or contains its text."""
        if self.binding.value_field is None:
            return True
        if self.binding.value_kind == "json":
            return same(found, value)
        return any(sent in each for each in strings(found))

    def plain_attributes(self, client: Client) -> list[str]:
        """Return the names of the attributes that the element has with a harmless value."""
        if self._plain is None:
            response = self.page(client, self.sent("plain"))
            self._plain = sorted(element_with(response.text, self.need("attribute")).attributes)
        return self._plain

    def at(self, key: str, response: Response) -> Any:
        """Return the value at the place in the bound page that a key names.

        Raise `Broken` if the page lacks the place even with a harmless value.
        """
        place = self.need(key)
        try:
            return handed(response, place)
        except Absent as absent:
            harmless = self.page(self.client(), self.sent("plain"))
            try:
                handed(harmless, place)
            except Absent:
                raise self.nowhere(key, harmless) from None
            except Deviation:
                pass
            raise absent

    def nowhere(self, key: str, response: Response) -> Broken:
        """Return the error of a key whose place the page does not have."""
        text = f"{response.request.target} has no {self.need(key)!r}"
        return Broken.for_key(self.slug, key, text)

    @staticmethod
    def served(response: Response) -> Response:
        """Return a page's response; raise `Untested` if the page is refused."""
        if response.status >= 500:
            raise Deviation("the page without a server error", str(response))
        if response.status >= 300:
            raise Untested(f"the page is not served: {response}")
        return response

    # URLs.

    def below(self, prefix: str) -> Client:
        """Return a new client of the app mounted below a prefix."""
        return self.client(self.mount(prefix))

    def mount(self, prefix: str) -> WSGIApp:
        """Return the app mounted below a prefix; always the same object for a prefix."""
        app: WSGIApp = self.app
        if not prefix:
            return app
        if prefix not in self._mounts:
            self._mounts[prefix] = Mounted(app, prefix)
        return self._mounts[prefix]

    def target(self, response: Response, url: str) -> str:
        """Return what a browser requests when a page's script fetches a URL.

        Raise `Deviation` if that is another site.
        """
        joined = urlsplit(urljoin(f"http://localhost{response.request.target}", url))
        if joined.hostname != "localhost":
            raise Deviation("a URL of the app", url)
        path = quote(joined.path or "/", safe="/%~!$&'()*+,;=:@")
        return path + (f"?{quote(joined.query, safe='%/~!$&()*+,;=:@?')}" if joined.query else "")

    def pages(self) -> list[Route]:
        """Return the bound pages that have scripts."""
        binding = self.binding
        acts = [act.page for act in (binding.replace, binding.follow) if act]
        found = [route for route in (binding.page, binding.url_page, *acts) if route]
        if not found:
            self.need("page")
        return list({route.path: route for route in found}.values())

    def scripts(self, client: Client, response: Response) -> Iterator[tuple[str, str]]:
        """Yield the sources of a page's executable scripts, each with its location."""
        for element in Page(response.text).find("script"):
            if element.attributes.get("type", "module") not in ("module", "text/javascript"):
                continue
            source = element.attributes.get("src")
            if source is None:
                yield f"a script in {response.request.target}", element.raw
            elif not urlsplit(urljoin("http://localhost", source)).netloc.endswith("localhost"):
                continue
            else:
                target = self.target(response, source)
                yield target, client.get(target).text

    # JSON.

    def item(self, client: Client, id_: str | None = None) -> Response:
        """Request one thing by its id; by default, by the known one."""
        path = self.need("detail").replace("{id}", quote(id_ or self.binding.known, safe=""))
        return client.get(path)

    def sample(self, text: str | None = None) -> dict[str, object]:
        """Return an object that `receive` accepts, with the text in its text field, if any."""
        given = numbered(self.need("receive").json_body)
        body = given if isinstance(given, dict) else self._made()
        if text is not None and self.binding.text_field is not None:
            body[self.binding.text_field] = text
        return body

    def _made(self) -> dict[str, object]:
        binding = self.binding
        number, text = binding.number_field, binding.text_field
        names = [*(binding.required or ()), *filter(None, (text, number))]
        if not names:
            keys = ("text_field", "number_field", "required")
            raise Untested.for_keys(self.slug, *keys, hint=", or json in receive")
        return {name: 1 if name == number else self.marked() for name in names}

    def deliver(
        self, client: Client, body: bytes, content_type: str | None = "application/json"
    ) -> Response:
        """Send bytes to `receive` with a media type."""
        route = self.need("receive")
        return self.send(client, route, json=None, data=body, content_type=content_type)

    def give(
        self, client: Client, value: object, content_type: str = "application/json"
    ) -> Response:
        """Send a value to `receive` as JSON."""
        return self.deliver(client, json.dumps(value).encode(), content_type)

    def taken(self, client: Client) -> None:
        """Send the sample to `receive`; raise `Broken` if it is refused."""
        response = self.give(client, self.sample(self.marked()))
        if response.status >= 500:
            raise Deviation("the sample of receive to be accepted", str(response))
        if response.status >= 400:
            text = f"it refuses {json.dumps(self.sample())}: {response}"
            if self.need("receive").json_body is None:
                text += "; json is an object that it accepts"
            raise Broken.for_key(self.slug, "receive", text)

    @functools.cached_property
    def others(self) -> Mapping[str, object]:
        """Other values that `receive` accepts for the sample's fields, as far as such are found."""
        client, sample = self.client(), self.sample(self.marked())
        found: dict[str, object] = {}
        with self.aside():
            for name, value in sample.items():
                other = None if name == self.binding.text_field else _another(value)
                if other is not None and self.give(client, {**sample, name: other}).status < 300:
                    found[name] = other
        return found

    def now(self, client: Client) -> Any:
        """Return what the app shows of the changes by `receive`; None if `state` is not bound."""
        if self.binding.state is None:
            return None
        response = self.send(client, self.binding.state)
        if response.status >= 300:
            raise Broken(f"patterns.javascript.state: {response.request} answers {response}")
        return response.json() if is_json(response) else response.text

    def answers(self, client: Client) -> Iterator[Response]:
        """Yield the responses that may show what was received."""
        for route in (self.binding.state, self.binding.listing):
            if route is not None:
                yield self.send(client, route)
        if self.binding.detail is not None:
            yield self.item(client)

    # In a browser.

    def look(self, tab: Tab, place: str) -> Any:
        """Return the value at a place of the open page, as the browser's own parsers see it.

        It is read from the source: the page's script may have changed the variable.
        """
        found = tab.evaluate(_LOOK, place)
        if place.startswith(("#", "data-")):
            if found["text"] is None:
                raise Deviation(f"an element with {place} in the browser", "none")
            return parsed(found["text"], place)
        for script in found["scripts"]:
            if _END_TAG.search(script):
                hidden = _SWALLOWS.search(script)
                start = max(0, hidden.start() - 30) if hidden else 0
                raise Deviation(
                    "each script to end at its end tag in the browser",
                    f"one that continues after it: {'…' if start else ''}"
                    f"{script[start : start + 90]!r}…",
                    "`<!--` and `<script` in a value make the browser take the script's end tag "
                    "for a part of it: `tojson` escapes each `<`"
                    if hidden
                    else "",
                )
        _, expression = from_scripts(found["scripts"], place)
        return json.loads(tab.evaluate(f"JSON.stringify({expression})"))

    def do(self, tab: Tab, act: Act) -> None:
        """Perform an act on its page, which is open."""
        for name, text in act.fill.items():
            tab.page.fill(f'[name="{name}"]', text)
        if tab.page.query_selector(act.click) is None:
            raise Broken(f"{act.page.path} has no {act.click}")
        # It is gone after the page is reloaded.
        tab.evaluate("window.conformance = true")
        tab.page.click(act.click)

    def replace(self, tab: Tab, prefix: str = "") -> tuple[str, str]:
        """Perform the act that replaces part of a page; return the fetched text, and the part's.

        Raise `Deviation` if nothing is fetched, or the part does not change.
        """
        from playwright.sync_api import TimeoutError as TooLate

        act: Replacement = self.need("replace")
        tab.open(prefix + act.page.request().target)
        before = tab.evaluate(_CONTENT, act.changes)
        if before is None:
            raise Broken(f"{act.page.path} has no {act.changes}")
        opened = len(tab.requests)

        def fetched(answer: Any) -> bool:
            return answer.request.resource_type in ("fetch", "xhr")

        try:
            with tab.page.expect_response(fetched, timeout=1000 * PATIENCE) as waiting:
                self.do(tab, act)
            text = waiting.value.text()
            tab.wait_for(_CHANGED, [act.changes, before], PATIENCE)
        except TooLate:
            raise Deviation(
                f"{act.changes} at {act.page.path} to change after a click on {act.click}",
                f"it did not; requests: {tab.requests[opened:] or 'none'}; "
                f"errors: {tab.errors or 'none'}",
            ) from None
        kind = waiting.value.headers.get("content-type", "")
        said = " ".join(strings(json.loads(text))) if "json" in kind else Page(text).text
        return said, tab.evaluate("place => document.querySelector(place).textContent", act.changes)

    def follow(self, tab: Tab, prefix: str = "") -> tuple[str, str]:
        """Perform the act that is redirected; return the expected path, and what is seen instead.

        The latter is empty if the browser arrives there.
        """
        from playwright.sync_api import TimeoutError as TooLate

        act: Departure = self.need("follow")
        tab.open(prefix + act.page.request().target)
        wanted = prefix + act.leads_to
        opened = len(tab.requests)
        with contextlib.suppress(TooLate):
            self.do(tab, act)
            tab.wait_for(_ARRIVED, wanted, PATIENCE)
            return wanted, ""
        stayed = tab.evaluate("Boolean(window.conformance)")
        path = tab.path.partition("?")[0]
        return wanted, (
            (f"it stays at {path} and loads no other page" if stayed else f"it is at {path}")
            + f"; requests after the click on {act.click}: "
            + (", ".join(tab.requests[opened:]) or "none")
            + f"; errors: {', '.join(tab.errors) or 'none'}"
        )


_LOOK = """place => {
  const attribute = place.startsWith("data-");
  const element = document.querySelector(attribute ? `[${place}]` : place);
  return {
    text: (attribute ? element?.getAttribute(place) : element?.textContent) ?? null,
    scripts: [...document.scripts].map(script => script.textContent),
  };
}"""

_END_TAG = re.compile(r"</script[\s/>]", re.IGNORECASE)

_CONTENT = "selector => document.querySelector(selector)?.innerHTML ?? null"

_ARRIVED = "path => !window.conformance && location.pathname === path"

_CHANGED = """([selector, before]) => {
  const element = document.querySelector(selector);
  return element && element.innerHTML !== before;
}"""


# Reading.


class Absent(Deviation):
    """The page does not have the place."""


def _another(value: object) -> object:
    """Return a value like the given one; None for what only the app knows how to vary."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    return f"{value}." if isinstance(value, str) else value + 1


def names(value: object) -> Iterator[tuple[str, object]]:
    """Yield the names in a JSON value's objects, each with its value."""
    if isinstance(value, dict):
        yield from value.items()
    if isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from names(each)


def same(one: object, other: object) -> bool:
    """Check whether two JSON values are equal: `true` does not equal 1, but 1.0 does."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return bool(one == other)


def is_json(response: Response) -> bool:
    """Check whether a response is declared as JSON."""
    return response.mimetype == "application/json" or response.mimetype.endswith("+json")


def strict(text: str | bytes) -> Any:
    """Parse JSON as a browser does; raise ValueError for NaN and infinities too."""
    return json.loads(text, parse_constant=_refuse)


def _refuse(token: str) -> None:
    raise ValueError(f"{token} is not JSON")


def answer(response: Response) -> Any:
    """Return the JSON value of a response; raise `Deviation` if it is not JSON."""
    if not is_json(response):
        raise Deviation(
            f"a JSON response to {response.request.method} {response.request.target}",
            f"Content-Type: {response.header('Content-Type')}; {response}",
        )
    try:
        return strict(response.body)
    except ValueError as error:
        raise Deviation("JSON that a browser can parse", f"{error}: {response}") from None


def says(response: Response, text: str) -> bool:
    """Check whether a response shows a text: in its JSON, the page's text or an input."""
    if is_json(response):
        return any(text in each for each in strings(answer(response)))
    page, text = Page(response.text), normal(text)
    values = (each.attributes.get("value", "") for each in page.find("input"))
    return text in normal(page.text) or any(text in normal(each) for each in values)


def element_with(text: str, attribute: str) -> Element:
    """Return a page's first element with an attribute; raise `Absent` if there is none."""
    for element in Page(text).find():
        if attribute in element.attributes:
            return element
    raise Absent(f"an element with {attribute}", "a page without one")


def handed(response: Response, place: str) -> Any:
    """Return the value at a place of a page; raise `Deviation` if none can be read there."""
    try:
        return _handed(response, place)
    except Absent:
        raise
    except Deviation as wrong:
        source = _source(response.text, place)
        if source is None:
            raise
        observed = f"{wrong.observed}; the page has: {source}"
        raise Deviation(wrong.expected, observed, _cut_by(source)) from None


def _source(text: str, place: str) -> str | None:
    """Return the start of the line in which a page writes a place, from the place on."""
    if place.startswith("#"):
        return None
    found = re.search(rf"(?<![\w$.-]){re.escape(place)}[\"']?\s*[=:](?!=).*", text)
    return found and (found[0] if len(found[0]) <= 120 else f"{found[0][:120]}…")


def _cut_by(source: str) -> str:
    """Return what in the source of a place ends its value too early, if that shows."""
    if source.startswith("data-") and re.match(r'[\w-]+\s*=\s*"', source):
        return "the attribute is in double quotes, and ends at the first double quote of its JSON"
    if end := re.search(r"</script\b", source, re.IGNORECASE):
        return f"{end[0]} in the value ends the script element"
    return ""


def _handed(response: Response, place: str) -> Any:
    if place.startswith("data-"):
        return parsed(element_with(response.text, place).attributes[place], place)
    page = Page(response.text)
    if place.startswith("#"):
        elements = page.find(id=place[1:])
        if not elements:
            raise Absent(f"an element {place}", "a page without one")
        return parsed(elements[0].raw, place)
    return from_scripts([element.raw for element in page.find("script")], place)[0]


def handed_url(response: Response, place: str) -> str:
    """Return the URL at a place of a page; in an attribute, it need not be JSON."""
    if place.startswith("data-"):
        text = element_with(response.text, place).attributes[place]
        if not text.startswith('"'):
            return text
    value = handed(response, place)
    if not isinstance(value, str):
        raise Deviation(f"a URL as {place}", repr(value))
    return value


def parsed(text: str, place: str) -> Any:
    """Parse the JSON at a place; raise `Deviation` if it is not JSON."""
    try:
        return strict(text)
    except ValueError:
        raise Deviation(f"JSON as {place}", repr(text[:120])) from None


def from_scripts(scripts: Iterable[str], place: str) -> tuple[Any, str]:
    """Return the value that scripts assign to a variable or have for a key, and its expression."""
    # A global variable may also be set as an attribute of the global object.
    alone = r"(?:(?<![\w$.])|(?<=\bwindow\.)|(?<=\bself\.)|(?<=\bglobalThis\.))"
    assigned = re.compile(rf"{alone}{re.escape(place)}[\"']?\s*[=:](?!=)\s*")
    for script in scripts:
        if (found := assigned.search(script)) is None:
            continue
        rest = script[found.end() :]
        if call := re.match(r"JSON\.parse\(\s*", rest):
            value, literal = _literal(rest[call.end() :], place)
            return parsed(value, place), f"JSON.parse({literal})"
        return _literal(rest, place)
    raise Absent(f"a script that sets {place}", "a page without one")


def _literal(text: str, place: str) -> tuple[Any, str]:
    """Read the literal at the start of a script: JSON, or a plain string in single quotes."""
    if quoted := re.match(r"'([^'\\\n]*)'", text):
        return quoted[1], quoted[0]
    try:
        value, end = json.JSONDecoder(parse_constant=_refuse).raw_decode(text)
    except ValueError:
        raise Deviation(f"a JSON value as {place}", repr(text[:120])) from None
    return value, text[:end]


#: Where the end tag no longer ends a script (HTML's state `script data double escaped`).
_SWALLOWS = re.compile(r"<!--(?:(?!-->).)*<script[\s/>]", re.DOTALL | re.IGNORECASE)


def swallowed(response: Response) -> str | None:
    """Return what makes a browser ignore the end tag of a page's script, or None."""
    for script in Page(response.text).find("script"):
        if found := _SWALLOWS.search(script.raw):
            return found[0]
    return None


#: A path in the call itself: `fetch("/users")`, also with interpolated values.
_FETCHED = re.compile(r"\bfetch\(\s*([\"'`])(/(?!/)[^\"'`]*)\1")


def fixed_paths(source: str) -> list[str]:
    """Return the paths that a script fetches from the server's root."""
    return [found[2] for found in _FETCHED.finditer(source)]


def rooted_urls(page: Page) -> Iterator[tuple[str, str]]:
    """Yield a page's URLs that start at the server's root, each with its element and attribute."""
    for element in page.find():
        for name in URL_ATTRIBUTES:
            url = element.attributes.get(name, "")
            if url.startswith("/") and not url.startswith("//"):
                yield f"<{element.tag} {name}>", url


pattern = Pattern(
    slug="javascript",
    title="JavaScript, fetch, and JSON",
    sections={
        "": "JavaScript, fetch, and JSON",
        "rendering-templates": "Rendering Templates",
        "generating-urls": "Generating URLs",
        "making-a-request-with-fetch": "Making a Request with fetch",
        "following-redirects": "Following Redirects",
        "replacing-content": "Replacing Content",
        "return-json-from-views": "Return JSON from Views",
        "receiving-json-in-views": "Receiving JSON in Views",
    },
    binding=JavaScript,
    harnesses=(JavaScriptHarness,),
)
