"""Somebody's requests: who logs in before a route with `as` is sent, and how it is seen to work."""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from ..core.errors import Broken, Kind, Missing
from ..instruments.html import Page
from ..instruments.values import shows
from ..subject.config import Person, Route
from ..subject.people import routes_in
from ..transports import Client, Request, Response, Server
from ..transports.client import Cookie

#: Seconds from which on a login is costly: it is then done twice at the most for each app.
COSTLY = 0.02

Check = Callable[[Response], None]


def prepared(client: Client, route: Route, **parts: Any) -> Request:
    """Return the request of a bound route (see `Route.request`).

    The hidden inputs of its form page are fetched and filled in.
    """
    if route.form_page is not None:
        page = Page(client.get(route.form_page).text)
        parts["fields"] = {**page.hidden_fields(), **(parts.get("fields") or {})}
    parts.setdefault("host", client.host)
    return route.request(**parts)


def below(route: Route, prefix: str) -> Route:
    """Return a route as it is below a prefix."""
    page = None if route.form_page is None else prefix + route.form_page
    return route.model_copy(update={"path": prefix + route.path, "form_page": page})


@dataclasses.dataclass(frozen=True)
class _Kept:
    """What a costly login gave, and whether the one before gave the same."""

    server: Server
    cookies: Mapping[tuple[str, str], Cookie]
    response: Response
    same: bool


class People:
    """Who logs in for the routes of one binding, with the clients of one harness.

    `alone` are keys whose routes the harness asks for itself, as nobody or as it likes.
    `problems` are what the preflight found, by key.
    """

    def __init__(
        self,
        people: Mapping[str, Person],
        binding: object,
        alone: Iterable[str] = (),
        problems: Mapping[str, str] | None = None,
    ) -> None:
        self.people = people
        self.problems = problems or {}
        self._routes = [
            (re.compile(_pattern(route.path)), route)
            for key, route in routes_in(binding)
            if key.partition(".")[0] not in alone
        ]
        #: What costly logins gave, by server and person; the server is kept, so that no other
        #: one takes its place.
        self._kept: dict[tuple[int, str, str], _Kept] = {}
        self._seen: set[str] = set()
        self.needed = any(route.person is not None for _, route in self._routes)
        #: Seconds that the last login took.
        self.took = 0.0

    def attend(self, client: Client, request: Request) -> Check | None:
        """Log a client in as whom a request needs, unless it is somebody; to be called before it.

        Return what looks at the answer, where nothing has shown yet that the login works.
        Raises `Broken`, with the key of the person, where it does not.
        """
        if client.busy:
            return None
        name = self._whom(request, client.prefix)
        if name is None or client.person in (name, ""):
            return None
        self.log_in(client, name)
        if name in self._seen or request.method != "GET":
            return None

        def look(response: Response) -> None:
            if response.status == 401 or _leads_to(response, self._entry(name, client.prefix)):
                raise self._broken(
                    name, f"logs nobody in: after it {response.request.name} is {response}"
                )
            self._seen.add(name)

        return look

    def _whom(self, request: Request, prefix: str) -> str | None:
        path = request.target.partition("?")[0].removeprefix(prefix)
        found = [route for pattern, route in self._routes if pattern.fullmatch(path)]
        same = [route for route in found if route.method == request.method]
        return next((route.person for route in same or found if route.person is not None), None)

    def log_in(self, client: Client, name: str) -> Response | None:
        """Log a client in, or give it the cookies of costly logins that gave the same twice.

        Return the page that the login leads to; None where it was not sent again. Raises
        `Broken` where it is refused.
        """
        if (told := self.problems.get(f"people.{name}.login")) is not None:
            raise Broken(told, Missing(Kind.KEY, f"people.{name}.login"))
        client.cookies.clear()
        client.person = name
        key = (id(client.server), client.prefix, name)
        kept = self._kept.get(key)
        route = below(self.people[name].login, client.prefix)
        begun = time.perf_counter()
        client.busy = True
        try:
            if kept is not None and kept.same:
                client.cookies.update(_copied(kept.cookies))
                client.follow(kept.response)
                return None
            response = client.send(prepared(client, route))
            self.took = time.perf_counter() - begun
            if self._finds_token(name, client, response):
                route = below(self.people[name].login, client.prefix)
                response = client.send(prepared(client, route))
            self.check(name, client, response)
            if self.took > COSTLY and client.copied:
                cookies = _copied(client.cookies)
                # What is drawn at a login, such as a token, is for one client alone.
                same = kept is not None and _contents(kept.cookies) == _contents(cookies)
                self._kept[key] = _Kept(client.server, cookies, response, same)
            # As a browser does: what the login says is shown now, and does not wait for later.
            last = client.follow(response)
        finally:
            client.busy = False
        text = self.people[name].shows
        if text is not None and last.status < 400 and shown_by(last, text):
            self._seen.add(name)
        return last

    def _finds_token(self, name: str, client: Client, response: Response) -> bool:
        """Take the page at the login's own path for its form, if it has what a refused one lacks.

        Which form a token is in is for the kit to see: nobody has to write down `form_page`.
        """
        person = self.people[name]
        login = person.login
        if login.form_page is not None or not login.form:
            return False
        again = _leads_to(response, self._entry(name, client.prefix))
        if response.status < 400 and not again and not self._is_form(name, response):
            return False
        page = client.get(client.prefix + login.path)
        if not self._is_form(name, page) or not Page(page.text).hidden_fields():
            return False
        login = login.model_copy(update={"form_page": login.path})
        self.people = {**self.people, name: person.model_copy(update={"login": login})}
        return True

    def _is_form(self, name: str, response: Response) -> bool:
        """Check whether a page has the inputs that somebody's login sends."""
        inputs = {each.attributes.get("name") for each in Page(response.text).find("input")}
        form = self.people[name].login.form or {}
        return response.mimetype == "text/html" and form.keys() <= inputs

    def confirmed(self, name: str, fresh: Callable[[], Client], pages: Iterable[Route]) -> str:
        """Say what changes for somebody who logs in, on pages and on the one the login leads to.

        `fresh` gives a client that nobody has logged in with. Raises `Broken`, with the key of
        the person, where the login is refused, where a page asks for one after it, and where
        the text that only they see is on no page, or is there for everybody.
        """
        client = fresh()
        last = self.log_in(client, name)
        person = self.people[name]
        asked = [prepared(client, route) for route in pages]
        if last is not None and last.status < 400 and last.request.method == "GET":
            asked.insert(0, dataclasses.replace(last.request, headers=()))
        changed = ""
        seen: list[str] = []
        public = ""
        for request in {each.target: each for each in asked}.values():
            hers, nobodys = client.send(request), fresh().send(request)
            if hers.status == 401 or _leads_to(hers, self._entry(name, "")):
                raise self._broken(name, f"logs nobody in: after it {request.name} is {hers}")
            seen.append(request.name)
            if person.shows is not None and shown_by(hers, person.shows):
                if not shown_by(nobodys, person.shows):
                    return f"{request.name} shows {person.shows!r}, and does not to others"
                public = request.name
            elif not changed and _gist(hers) != _gist(nobodys):
                changed = f"{request.name} is {hers.status}, and {nobodys.status} for others"
                if hers.status == nobodys.status:
                    changed = f"{request.name} shows something else than to others"
        if person.shows is not None and seen:
            where = f"{public} shows it to everybody" if public else f"not on {', '.join(seen)}"
            raise Broken(
                f"people.{name}.shows: {person.shows!r}: {where}",
                Missing(Kind.KEY, f"people.{name}.shows"),
            )
        return changed or "is taken; no page that is bound shows who has logged in"

    def check(self, name: str, client: Client, response: Response) -> None:
        """Raise `Broken` for the answer of a login that says that nobody is logged in."""
        route = self.people[name].login
        told = f"{response.request.name} is refused: {response}"
        if response.status >= 400:
            if "CSRF" in response.text and route.form_page is None:
                told += "; form_page names the page with the form that has the token"
            raise self._broken(name, told)
        if _leads_to(response, self._entry(name, client.prefix)):
            raise self._broken(name, f"{told}, which is the login again")
        if not response.is_redirect and route.form and self._is_form(name, response):
            raise self._broken(name, f"{response.request.name} shows the form again: {response}")

    def _entry(self, name: str, prefix: str) -> str:
        route = self.people[name].login
        return prefix + (route.form_page or route.path).partition("?")[0]

    def _broken(self, name: str, text: str) -> Broken:
        key = f"people.{name}.login"
        return Broken(f"{key}: {text}", Missing(Kind.KEY, key))


def _copied(cookies: Mapping[tuple[str, str], Cookie]) -> dict[tuple[str, str], Cookie]:
    return {key: dataclasses.replace(cookie) for key, cookie in cookies.items()}


def shown_by(response: Response, text: str) -> bool:
    """Check whether a response shows a text, however it is spelled there: `O&#39;Neill`."""
    return shows(response.body, text)


def _contents(cookies: Mapping[tuple[str, str], Cookie]) -> dict[tuple[str, str], str]:
    """Return what cookies hold, without the time and the signature of Flask's session."""
    return {
        key: cookie.value.rsplit(".", 2)[0] if cookie.value.count(".") > 1 else cookie.value
        for key, cookie in cookies.items()
    }


def _gist(response: Response) -> tuple[object, ...]:
    """Return what an answer is but for what is another one each time, such as tokens."""
    text = re.sub(r"\d+|[\w.+/=-]{20,}", "", response.text)
    return response.status, response.location, text


def _leads_to(response: Response, path: str) -> bool:
    here = response.request.target
    return response.is_redirect and urlsplit(urljoin(here, response.location or "")).path == path


def _pattern(path: str) -> str:
    """Return the regular expression of a route's path, in which a value stands for `{name}`."""
    parts = re.split(r"\{[^}]*\}", path.partition("?")[0])
    return "[^/]*".join(map(re.escape, parts))
