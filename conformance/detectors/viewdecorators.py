"""Finds decorators by their effect on a view, and the pages behind a login."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import flask
import jinja2

from ..survey import Exchange, Survey
from ..survey.facts import Thing, names_in, parameters_of, tree_of, unwrapped
from ..survey.kept import Kept, kept_pages
from ..survey.submissions import attempt, send
from . import Finding

SLUG = "viewdecorators"

#: What the probe's view returns.
KEPT = "kq7kept"

TEMPLATE = "kq7template.html"


def find(survey: Survey) -> Iterator[Finding]:
    """Yield the login decorator, a page behind the login, and the other decorators."""
    yield from _login(survey)
    cached = list(_cached(survey))
    yield from cached
    yield from _cached_page(survey, next((each.value for each in cached), None))
    yield from _templated(survey)


# The login.


#: What the path or the endpoint of a login contains, in several languages.
_LOGIN = re.compile(r"log[-_]?in|log[-_]?on|sign[-_]?in|auth|session|anmeld|connexion|acceso", re.I)


def _login(survey: Survey) -> Iterator[Finding]:
    turned_away = [each for each in _turned_away(survey) if _for_want_of_login(survey, *each)]
    if not turned_away:
        yield from _opened(survey)
        return
    (login, _), _ = Counter((target, None) for _, target, _ in turned_away).most_common(1)[0]
    behind = [(each, query) for each, target, query in turned_away if target == login]
    exchange, query = behind[0]
    text = f"without a login it redirects to {login}, which asks for a password"
    yield Finding(SLUG, "protected", exchange.path, text)
    field = next((name for name, value in query if urlsplit(value).path == exchange.path), None)
    if field is not None and field != "next":
        yield Finding(SLUG, "next_field", field, f"the redirect to {login} had it in its query")
    endpoint = survey.facts.endpoint_of(login)
    decorators = [each for each in _decorators(survey) if _sends_to(survey, each) == login]
    worn = Counter(
        {each.reference: _worn(survey, each) for each in decorators if _worn(survey, each)}
    )
    if worn:
        best = worn.most_common(1)[0][0]
        text = f"a decorated view redirected to {login} and did not run"
        yield Finding(SLUG, "login_required", best, text)
    if endpoint and endpoint != "login":
        yield Finding(SLUG, "login_endpoint", endpoint, f"the endpoint of {login}")
    if not survey.people:
        yield from _unconfirmed(survey, login)


def _opened(survey: Survey) -> Iterator[Finding]:
    """Yield a page that a visitor is refused, and that somebody who has logged in gets."""
    name = next(iter(survey.people), None)
    refused = [each for each in survey.pages if each.status in (401, 403)]
    for exchange in refused[:4] if name is not None else ():
        route = {"path": exchange.target, "as": name}
        shown = attempt(survey, lambda route=route: send(survey, survey.visitor(), route))
        if shown is not None and shown.status == 200:
            text = f"it answered a visitor {exchange.status}, and {name} 200"
            yield Finding(SLUG, "protected", exchange.target, text)
            return


def _turned_away(survey: Survey) -> Iterator[tuple[Exchange, str, list[tuple[str, str]]]]:
    """Yield the pages that redirect to one with a password field, with its path and the query."""
    for exchange in survey.pages:
        target = exchange.leads_to()
        if target is None or exchange.endpoint is None:
            continue
        path, _, query = target.partition("?")
        shown = survey.crawl.get(target)
        if shown is not None and path != exchange.path and has_password(shown):
            yield exchange, path, parse_qsl(query)


def _for_want_of_login(
    survey: Survey, exchange: Exchange, path: str, query: list[tuple[str, str]]
) -> bool:
    """Check whether a redirect to a page with a password field is about a login.

    A page that only has moved, or has done something, may lead to one as well.
    """
    back = any(urlsplit(value).path == exchange.path for _, value in query)
    named = _LOGIN.search(f"{path} {survey.facts.endpoint_of(path) or ''}")
    if back or named:
        return True
    view = survey.app.view_functions.get(exchange.endpoint or "")
    return view is not None and any(
        _sends_to(survey, thing) == path and _worn(survey, thing, view)
        for thing in _decorators(survey)
    )


def has_password(exchange: Exchange) -> bool:
    """Check whether a page has a form with exactly one password field."""
    return exchange.status == 200 and any(
        sum(each.attributes.get("type", "").lower() == "password" for each in form.walk()) == 1
        for form in exchange.forms()
    )


def _decorators(survey: Survey) -> Iterator[Thing]:
    """Yield the functions that take a view and return one, judging by their source."""
    for thing in survey.facts.functions():
        parameters = parameters_of(thing.value)
        if (
            parameters is not None
            and len([p for p in parameters if p.default is p.empty]) == 1
            and parameters[0].kind
            in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
            and _returns_inner(thing.value)
        ):
            yield thing


def _returns_inner(function: Any) -> bool:
    """Check whether a function defines an inner function."""
    return any(hasattr(const, "co_code") for const in function.__code__.co_consts)


def _sends_to(survey: Survey, thing: Thing) -> str | None:
    """Return the path that a decorated view redirects a visitor to; None for others."""
    ran: list[int] = []

    def view() -> str:
        ran.append(1)
        return KEPT

    def ask() -> object:
        wrapped = thing.value(view)
        if wrapped is view or not callable(wrapped):
            return None
        with survey.app.test_request_context("/conformance"):
            survey.app.preprocess_request()
            return survey.app.make_response(survey.app.ensure_sync(wrapped)())

    response = survey.trial(ask)
    if ran or response is None or response.status_code not in (301, 302, 303, 307, 308):
        return None
    return urlsplit(response.location or "").path


def _worn(survey: Survey, thing: Thing, view: object = None) -> int:
    """Count the views whose functions the decorator created, of all views or of one."""
    inner = {const for const in thing.value.__code__.co_consts if hasattr(const, "co_code")}
    return sum(
        any(getattr(each, "__code__", None) in inner for each in unwrapped(function))
        for function in ([view] if view is not None else {*survey.app.view_functions.values()})
    )


def _unconfirmed(survey: Survey, login: str) -> Iterator[Finding]:
    shown = survey.crawl.get(login)
    form = next(iter(shown.forms()), None) if shown is not None else None
    if form is None:
        return
    fields = {
        each.attributes["name"]: "..."
        for each in form.walk()
        if each.tag == "input"
        and each.attributes.get("name")
        and each.attributes.get("type", "text").lower() in ("text", "password", "email")
    }
    route: dict[str, object] = {"method": "POST", "path": login, "form": fields}
    if any(each.attributes.get("type") == "hidden" for each in form.walk()):
        route["form_page"] = login
    text = "the form with the password; only you know who can log in"
    yield Finding(SLUG, "login", route, text, confirmed=False)
    for rule in survey.facts.rules:
        name = rule.endpoint.rpartition(".")[2].lower().replace("_", "").replace("-", "")
        if name in ("logout", "signout", "logoff") and not rule.arguments:
            value: object = rule.path
            if "GET" not in rule.methods:
                value = {"method": "POST", "path": rule.path}
            yield Finding(SLUG, "logout", value, "its endpoint's name", confirmed=False)
            return


# Caching and templates.


def _cached(survey: Survey) -> Iterator[Finding]:
    for thing in survey.facts.functions():
        names = {each.name for each in parameters_of(thing.value) or ()}
        if not {"timeout", "key"} <= names:
            continue
        for init in (None, *_initialisers(survey, thing.module)):
            if survey.trial(keeps_pages, thing.value, init):
                yield Finding(
                    SLUG,
                    "cached",
                    thing.reference,
                    "of two requests for a decorated page, only the first ran the view",
                )
                if init is not None:
                    yield Finding(
                        SLUG,
                        "init_app",
                        init.reference,
                        f"{thing.name} caches the pages of an app that it was called with",
                    )
                return


def _cached_page(survey: Survey, decorator: str | None) -> Iterator[Finding]:
    """Yield the page that is kept: of several, one whose view the decorator made."""
    page = most_like(survey, decorator, [each for each in kept_pages(survey) if not each.personal])
    if page is None:
        return
    yield Finding(
        SLUG,
        "cached_page",
        page.path,
        "each call of its view gave another content, and each visitor got the same",
    )
    if page.seconds != 300:
        text = "with a clock that was moved, it changed after that time"
        yield Finding(SLUG, "cached_timeout", page.seconds, text)
    if page.field:
        text = "it was another page for another value of it"
        yield Finding(SLUG, "cached_query", page.field, text)


def most_like(survey: Survey, decorator: str | None, pages: list[Kept]) -> Kept | None:
    """Return the first of some pages, those first whose views a decorator made; None of none."""
    made = next((each for each in survey.facts.functions() if each.reference == decorator), None)
    if made is not None:
        inner = _codes_below(made.value.__code__)
        pages = sorted(
            pages,
            key=lambda each: (
                not any(
                    getattr(function, "__code__", None) in inner
                    for function in unwrapped(
                        survey.app.view_functions[each.exchange.endpoint or ""]
                    )
                )
            ),
        )
    return next(iter(pages), None)


def _initialisers(survey: Survey, module: str) -> Iterator[Thing]:
    for thing in survey.facts.functions():
        parameters = parameters_of(thing.value)
        if (
            thing.module == module
            and parameters
            and parameters[0].name in ("app", "flask_app", "application")
            and all(each.default is not each.empty for each in parameters[1:])
        ):
            yield thing


def host_with(init: Thing | None, view: Any) -> flask.Flask:
    """Return a small app with a view, set up as may be needed."""
    host = flask.Flask("conformance_host")
    host.config["SECRET_KEY"] = "conformance"
    if init is not None:
        init.value(host)
        if len(host.view_functions) > 1:
            # It adds pages of its own, so it does more than set up a decorator.
            raise ValueError(init.reference)
    host.add_url_rule("/conformance/<name>", "conformance", view)
    return host


def keeps_pages(decorator: Any, init: Thing | None) -> bool:
    """Check whether a view decorator caches each page by its path."""
    ran: list[str] = []

    def view(name: str) -> str:
        ran.append(name)
        return f"{name} {len(ran)}"

    # The decorator may need the app when it is applied.
    client = host_with(init, decorator(timeout=60)(view)).test_client()
    one, two = client.get("/conformance/one"), client.get("/conformance/one")
    other = client.get("/conformance/other")
    return one.text == two.text == "one 1" and other.text == "other 2"


def _templated(survey: Survey) -> Iterator[Finding]:
    for thing in survey.facts.functions():
        parameters = parameters_of(thing.value)
        if not parameters or any(each.default is each.empty for each in parameters):
            continue
        if tree_of(thing.value) is None or not {"render_template"} & names_in(thing.value):
            continue
        if survey.trial(_templates, thing.value):
            text = "a decorated view that returned a dict rendered a template with its values"
            yield Finding(SLUG, "templated", thing.reference, text)
            yield from _templated_page(survey, thing)
            return


def _templates(decorator: Any) -> bool:
    def view(name: str) -> dict[str, str]:
        return {"kq7": name}

    host = host_with(None, decorator(TEMPLATE)(view))
    host.jinja_loader = jinja2.DictLoader({TEMPLATE: "<p>{{ kq7 }}</p>"})
    return host.test_client().get("/conformance/one").text == "<p>one</p>"


def _templated_page(survey: Survey, thing: Thing) -> Iterator[Finding]:
    inner = _codes_below(thing.value.__code__)
    for exchange in survey.pages:
        function = survey.app.view_functions.get(exchange.endpoint or "")
        if exchange.status != 200 or not exchange.templates or function is None:
            continue
        wanted = f"{(exchange.endpoint or '').replace('.', '/')}.html"
        if (
            getattr(function, "__code__", None) in inner
            and len(unwrapped(function)) == 2
            and exchange.templates[0][0] == wanted
        ):
            text = f"its view has {thing.name}, and {wanted} was rendered"
            yield Finding(SLUG, "templated_page", exchange.path, text)
            return


def _codes_below(code: Any) -> set[Any]:
    found = set()
    for const in code.co_consts:
        if hasattr(const, "co_code"):
            found |= {const, *_codes_below(const)}
    return found
