"""The clauses of JavaScript, fetch, and JSON."""

from __future__ import annotations

import contextlib
import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from conformance.clause import example, expect, given, harden, must, should
from conformance.core.errors import Broken, Deviation, Untested
from conformance.instruments.html import Page, normal
from conformance.instruments.strategies import lines, markup
from conformance.patterns.javascript import (
    Absent,
    JavaScriptHarness,
    answer,
    element_with,
    fixed_paths,
    handed_url,
    is_json,
    names,
    rooted_urls,
    says,
    strict,
    swallowed,
)
from conformance.transports import Response
from conformance.transports.messages import BOUNDARY

Harness = JavaScriptHarness

#: Strings that end a script, an attribute or a literal if they are not escaped.
HOSTILE = (
    "</script><script>alert(1)</script>",
    "</SCRIPT >",
    "<img src=x onerror=alert(2)>",
    '"><img src=x onerror=alert(3)>',
    '" tabindex=0 autofocus onfocus=alert(6) x="',
    "' onmouseover='alert(4)' x='",
    "'-alert(5)-'",
    "\\",
    "\\\"'",
    "\u2028\u2029",
    "&quot;&#39;&amp;lt;",
    "{{ 7*7 }}${7*7}",
    # Last, because it hides what follows if it is treated as a comment.
    "<!--<script>",
)

#: Values whose types a page must preserve, and values that are hard to write as literals.
TELLING = [
    *HOSTILE,
    *("", "\0\x1f\x7f", "é\ud7ff\U0001f600", "null", "2**53"),
    *(None, True, False, 0, -1, 2**53, 0.1, -1.5e-300, 1e300, [], {}),
    *({"": [], "a b": {"'\"<>&": None}}, [[[["deep"]]], 1]),
]

texts = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(codec="utf-8"), max_size=12))

#: JSON values; an object in a script cannot have the name `__proto__`.
json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**53), 2**53),
        st.floats(allow_nan=False, allow_infinity=False),
        texts,
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(texts.filter(lambda name: name != "__proto__"), inner, max_size=4),
    ),
    max_leaves=8,
).filter(
    # Servers limit the length of the request line, which contains the query.
    lambda value: len(quote(json.dumps(value, ensure_ascii=False))) < 3000
)

prefixes = st.sampled_from(["", "/myapp", "/my/app-2"])

#: Texts for one segment of a path.
segments = st.text(
    st.characters(exclude_characters="/\\", exclude_categories=("Cs", "Cc", "Cn", "Zl", "Zp")),
    max_size=12,
)


# What pages pass to scripts.


@must("rendering-templates", share=0.6)
@given(value=json_values)
@example(value="</script><script>alert(1)</script>")
@example(value="<!--<script>")
@example(value={"it's": ["a < b & c", None, True]})
@example(value=TELLING)
def test_script_roundtrip(javascript: Harness, value: object) -> None:
    """The data in a script element is valid JSON for the value, and cannot end the script.

    A script with invalid data is a SyntaxError, so that none of it runs; data that can end the
    script lets anyone inject a script into the page.

    Source: use the `tojson` filter in a script: its output is valid JavaScript and safe in
    HTML.

    Usual cause: `{{ data }}` or `{{ data|safe }}` instead of `{{ data|tojson }}`.
    """
    place, sent = javascript.need("script"), javascript.sent(value)
    response = javascript.page(javascript.client(), sent)
    found = javascript.at("script", response)
    expect(
        javascript.arrived(found, value, sent), f"{place} to be {_dumped(value)}", _dumped(found)
    )
    beyond = swallowed(response)
    expect(
        beyond is None,
        "no data in a script that makes a browser ignore its end tag",
        f"{beyond!r}",
    )
    javascript.need("value_field")


@must("rendering-templates", share=0.4)
@given(value=json_values)
@example(value="it's")
@example(value={"a": ["b c", None, True]})
@example(value=TELLING)
def test_attr_roundtrip(javascript: Harness, value: object) -> None:
    """A data attribute contains JSON for the value, and the value adds no other attributes.

    `tojson` escapes `<`, `>`, `&` and `'`, but not double quotes, of which JSON is full.

    Source: in a data attribute, `tojson` belongs in single quotes; otherwise the HTML is invalid
    or unsafe.

    Usual cause: double quotes around `{{ data|tojson }}`, which needs single quotes.
    """
    place, sent = javascript.need("attribute"), javascript.sent(value)
    client = javascript.client()
    response = javascript.page(client, sent)
    found = javascript.at("attribute", response)
    expect(
        javascript.arrived(found, value, sent), f"{place} to be {_dumped(value)}", _dumped(found)
    )
    javascript.need("value_field")
    attributes = sorted(element_with(response.text, place).attributes)
    plain = javascript.plain_attributes(client)
    expect(
        attributes == plain,
        f"the element with {place} to have {plain}, as for a harmless value",
        f"it has {attributes}",
    )


@must("rendering-templates")
def test_browser_values(javascript: Harness) -> None:
    """The script and the data attribute contain the page's value in a browser.

    The browser's own parsers decide: `<!--` does not begin a comment in a script, but can hide
    its end.

    Source: `tojson` passes the view's value to the script or the data attribute.

    Usual cause: the value is written without `tojson`, or without single quotes.
    """
    keys = [key for key in ("script", "attribute") if getattr(javascript.binding, key)]
    if not keys:
        javascript.need("script")
    plain = javascript.page(javascript.client(), javascript.sent("plain"))
    places = []
    for key in keys:
        # A place that no page has is a mistake in the binding.
        with contextlib.suppress(Deviation):
            javascript.at(key, plain)
        places.append(javascript.need(key))
    javascript.need("value_field")
    sent = javascript.sent(TELLING)
    request = javascript.handing(sent)
    _only_get(request.method)
    with javascript.tab() as tab:
        tab.open(request.target)
        for place in places:
            found = javascript.look(tab, place)
            expect(
                javascript.arrived(found, TELLING, sent),
                f"{place} to be {_dumped(TELLING)} in a browser",
                f"{_dumped(found)}; errors: {tab.errors or 'none'}",
            )


@must("rendering-templates")
def test_browser_hostile(javascript: Harness) -> None:
    """A hostile value does not run a script in a browser.

    Source: `tojson` makes the data safe in HTML.

    Usual cause: the value is written without `tojson`, the attribute has double quotes, or the
    page's script assigns text to `innerHTML`.
    """
    javascript.need("value_field")
    value = ["'\"" + each for each in HOSTILE] + list(HOSTILE)
    request = javascript.handing(javascript.sent(value))
    _only_get(request.method)
    with javascript.tab() as tab:
        tab.open(request.target)
        tab.page.wait_for_load_state("networkidle")
    if tab.dialogs:
        ran = [each for each in HOSTILE if any(f"alert({said})" in each for said in tab.dialogs)]
        with javascript.aside():
            plain = javascript.page(javascript.client(), javascript.sent("plain"))
            page = javascript.page(javascript.client(), javascript.sent(value))
        expect(
            False,
            "no script in a value to run",
            f"{', '.join(map(repr, ran))} ran: alerts opened: {sorted(set(tab.dialogs))}",
            cause="the HTML that the app sends has elements or attributes of the value"
            if _elements(page) - _elements(plain)
            else "the HTML that the app sends has the value escaped: a script of the page puts it "
            "in as HTML, such as with `innerHTML`",
        )


def _only_get(method: str) -> None:
    if method != "GET":
        raise Untested("a browser opens a page with GET: page has another method")


def _dumped(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 300 else f"{text[:300]}…"


# URLs.


@must("generating-urls", share=0.4)
@given(prefix=prefixes, text=segments)
@example(prefix="", text='it\'s <b> & "so"')
@example(prefix="/myapp", text="a?b#c%20d;e=f&amp;g")
def test_url_from_server(javascript: Harness, prefix: str, text: str) -> None:
    """A URL that the page passes to its script leads to its target, wherever the app is mounted.

    Source: URLs for requests are built with `url_for`, in the template.

    Usual cause: a path that is built by hand; or `"{{ url_for(...) }}"` in a script, where HTML
    escaping is wrong: a URL with `'` or `&` then contains `&#39;` or `&amp;`.
    """
    route, place, field = (
        javascript.need("url_page"),
        javascript.need("url"),
        javascript.binding.url_field,
    )
    client, marked = javascript.below(prefix), javascript.marked(text)
    request = route.request(target=prefix + route.path, fields={field: marked} if field else None)
    page = javascript.served(client.send(request))
    try:
        url = handed_url(page, place)
    except Absent:
        plain = javascript.served(client.send(route.request(target=prefix + route.path)))
        with contextlib.suppress(Absent):
            handed_url(plain, place)
            raise
        raise javascript.nowhere("url", plain) from None
    target = javascript.target(page, url)
    expect(
        target.startswith(f"{prefix}/"),
        f"{place} to be below {prefix!r}, where the app is mounted",
        repr(url),
    )
    response = client.get(target)
    # A script may send another method than GET.
    expect(
        response.status < 400 or response.status == 405,
        f"a response at {place} = {url!r}",
        response,
    )
    if field and response.status != 405:
        expect(says(response, marked), f"{place} = {url!r} to lead to {marked!r}", response)


@should("generating-urls", share=0.1)
@given(prefix=prefixes)
@example(prefix="/myapp")
def test_script_root(javascript: Harness, prefix: str) -> None:
    """Pages and their scripts request nothing outside the path where the app is mounted.

    Source: the root where the app is served is `request.script_root`; a path in a script starts
    with it.

    Usual cause: `fetch("/users")`, or `src="/static/app.js"`; build URLs with `url_for`, or start
    them with `request.script_root`.
    """
    client = javascript.below(prefix)
    for route in javascript.pages():
        page = javascript.served(client.send(route.request(target=prefix + route.path)))
        for where, url in rooted_urls(Page(page.text)):
            expect(
                f"{url}/".startswith(f"{prefix}/"),
                f"{where} at {route.path} to be below {prefix!r}, where the app is mounted",
                repr(url),
            )
        for where, source in javascript.scripts(client, page) if prefix else ():
            for path in fixed_paths(source):
                expect(
                    path.startswith(f"{prefix}/"),
                    f"{where} to fetch from below {prefix!r}, where the app is mounted",
                    f"fetch({path!r})",
                )
    if place := javascript.binding.script_root:
        page = javascript.page(client, javascript.sent("plain"), prefix)
        root = handed_url(page, place)
        path = javascript.target(page, root or "/").rstrip("/")
        expect(path == prefix, f"{place} to be {prefix!r}, where the app is mounted", repr(root))


@should("generating-urls")
def test_browser_root(javascript: Harness) -> None:
    """In a browser, an app mounted below a prefix makes no request outside it.

    Source: the root where the app is served is `request.script_root`; a path in a script starts
    with it.

    Usual cause: a path in a script that starts at the server's root. It works until the app is
    mounted anywhere else.
    """
    prefix, binding = "/my/app", javascript.binding
    app = javascript.mount(prefix)
    pages = javascript.pages()
    with javascript.tab(app) as tab:
        for route in pages:
            tab.open(prefix + route.request().target)
        # The responses are checked by other clauses.
        if binding.replace:
            with contextlib.suppress(Deviation):
                javascript.replace(tab, prefix)
        if binding.follow:
            javascript.follow(tab, prefix)
        asked = [each.split()[1] for each in tab.requests]
    outside = [
        path
        for path in asked
        # The browser itself requests the icon.
        if path.startswith("/") and not path.startswith(f"{prefix}/") and path != "/favicon.ico"
    ]
    expect(not outside, f"only requests for paths below {prefix}", f"also {outside}")


# fetch.


@should("making-a-request-with-fetch", share=0.3)
@given(text=lines())
@example(text="")
@example(text="a+b=c&d%20;\"quoted\" 'é' 😀")
def test_form_json_parity(javascript: Harness, text: str) -> None:
    """A form sent by a script as FormData is read like one submitted by a browser.

    FormData is sent as multipart/form-data; a `<form>` without files, or URLSearchParams, as
    application/x-www-form-urlencoded.

    Source: form data in a request is read with `request.form`.

    Usual cause: the view reads `request.data` or the JSON itself instead of `request.form`.
    """
    route, field = javascript.need("form"), javascript.need("form_field")
    client, marked = javascript.client(), javascript.marked(text)
    kinds: dict[str, dict[str, object]] = {
        "as submitted by a <form>, urlencoded": {},
        "as FormData, multipart": {"files": {}},
    }
    answers = {
        kind: client.follow(javascript.send(client, route, fields={field: marked}, **parts))
        for kind, parts in kinds.items()
    }
    refused = [kind for kind, response in answers.items() if response.status >= 400]
    if len(refused) == len(answers):
        expect(
            all(response.status < 500 for response in answers.values()),
            f"{field} = {marked!r} to be accepted",
            next(iter(answers.values())),
        )
        if not text:
            raise Broken(f"form refuses {field} = {marked!r}: {answers[refused[0]]}")
        return
    if not text and not any(says(response, marked) for response in answers.values()):
        raise Broken(f"form does not show {field} = {marked!r}: {next(iter(answers.values()))}")
    for kind, response in answers.items():
        expect(
            response.status < 400 and says(response, marked),
            f"{field} = {marked!r} in the response to the form {kind}",
            response,
        )


@should("following-redirects")
def test_redirect_303(javascript: Harness) -> None:
    """A redirect after PUT, PATCH or DELETE uses 303.

    After 301 and 302, `fetch` changes only POST to GET: it would send the DELETE to the next page.

    Source: `fetch` follows redirects; RFC 9110, 15.4.4: 303 leads to another resource with GET.

    Usual cause: `redirect(url)`, which is 302 before Flask 3.2, without `code=303`.
    """
    routes = [
        route
        for route in javascript.need("redirects")
        if route.method.upper() not in ("GET", "HEAD", "POST")
    ]
    if not routes:
        raise Untested("redirects has no PUT, PATCH or DELETE")
    for route in routes:
        response = javascript.send(javascript.client(), route)
        expect(response.status < 500, f"a response to {route.method} {route.path}", response)
        if not response.is_redirect:
            raise Broken(f"{route.method} {route.path} does not redirect: {response}")
        expect(response.status == 303, f"303 for the redirect after {route.method}", response)


@should("following-redirects")
def test_browser_redirect(javascript: Harness) -> None:
    """After a fetch that is redirected, the browser shows the page that the redirect leads to.

    `fetch` follows the redirect, but does not change the page: the person sees nothing of it.

    Source: if `response.redirected` is true, the script sets `window.location`.

    Usual cause: the script does not check `response.redirected`, or the request has a body and no
    method, which a browser refuses to send.
    """
    javascript.need("follow")
    with javascript.tab() as tab:
        wanted, instead = javascript.follow(tab)
        expect(not instead, f"the browser to load {wanted}, where the fetch is redirected", instead)


@should("replacing-content", share=0.4)
@given(text=markup())
@example(text="<script>alert(1)</script>")
@example(text="<img src=x onerror=alert(1)>")
def test_fragment(javascript: Harness, text: str) -> None:
    """The response for part of a page is an HTML fragment that escapes the values in it.

    A script assigns it to `innerHTML`, where a second `<html>` does not belong.

    Source: a response may be new HTML that replaces the content of an element.

    Usual cause: the fragment's template extends the layout, or the view builds HTML from strings,
    without escaping.
    """
    route, field = javascript.need("fragment"), javascript.binding.fragment_field
    client, marked = javascript.client(), javascript.marked(text)
    response = javascript.send(client, route, fields={field: marked} if field else None)
    expect(200 <= response.status < 300, "a fragment", response)
    expect(
        response.mimetype == "text/html",
        "text/html",
        f"Content-Type: {response.header('Content-Type')}",
    )
    page = Page(response.text)
    whole = [tag for tag in ("html", "head", "body") if page.find(tag)]
    if re.match(r"\s*<!doctype", response.text, re.IGNORECASE):
        whole.insert(0, "!doctype")
    expect(
        not whole,
        "a fragment without the elements of a whole page",
        ", ".join(f"<{tag}>" for tag in whole),
    )
    field = javascript.need("fragment_field")
    harmless = javascript.marked("plain")
    plain = javascript.send(client, route, fields={field: harmless})
    if not says(plain, harmless):
        shown = f"{plain.request.target} does not show what is sent as {field!r}"
        raise Broken.for_key(javascript.slug, "fragment_field", shown)
    added = _elements(response) - _elements(plain)
    expect(
        not added,
        f"{marked!r} to add no markup",
        "also " + ", ".join(f"<{' '.join(each)}>" for each in added),
    )
    expect(says(response, marked), f"the fragment to show {marked!r} unchanged", response)


def _elements(response: Response) -> Counter[tuple[str, ...]]:
    found = Page(response.text).find()
    return Counter((element.tag, *sorted(element.attributes)) for element in found)


@should("replacing-content")
def test_browser_replace(javascript: Harness) -> None:
    """The content that a script fetches replaces its part of the page in a browser.

    Source: the text of the response is assigned to the element's `innerHTML`.

    Usual cause: `response.text` without parentheses, so that a function is assigned;
    `getElementById` without `document`; or an exception that nobody handles.
    """
    javascript.need("replace")
    with javascript.tab() as tab:
        said, shown = map(normal, javascript.replace(tab))
    expect(
        said and shown and (said in shown or shown in said),
        f"the fetched {said!r} in the page",
        repr(shown),
    )


# What the API returns.


@must("return-json-from-views", share=0.4)
@given(text=markup())
@example(text="\\\"'\u2028é😀</script>")
def test_dict_json(javascript: Harness, text: str) -> None:
    """The API responds with JSON objects of JSON's media type, and texts come back as stored.

    Source: a dict returned from a view becomes a JSON response.

    Usual cause: the view returns `str(data)` or `json.dumps(data)`, which is sent as text/html.
    """
    binding, client = javascript.binding, javascript.client()
    if binding.text_field is None:
        javascript.need("detail")
    if binding.receive is not None and binding.text_field is not None:
        marked = javascript.marked(text)
        response = javascript.give(client, javascript.sample(marked))
        expect(response.status < 500, f"no server error for {marked!r}", response)
        if response.status < 300 and response.body:
            value = answer(response)
            expect(isinstance(value, dict), "a JSON object", response)
            if not says(response, marked):
                javascript.need_shown(client)
            expect(
                says(response, marked),
                f"{marked!r} in the response",
                value.get(binding.text_field, response),
            )
    if binding.detail is not None:
        response = javascript.item(client)
        expect(
            response.status == 200 and isinstance(answer(response), dict),
            f"a JSON object for the id {binding.known}",
            response,
        )


@should("return-json-from-views", share=0.5)
@given(number=st.sampled_from(["NaN", "Infinity", "-Infinity", "1e999", "-1e999"]))
@example(number="1e999")
def test_no_nan(javascript: Harness, number: str) -> None:
    """The API's responses are JSON that a browser can parse, whatever numbers it received.

    `1e999` is a JSON number that Python reads as infinity and writes as `Infinity`, which is not
    JSON: `response.json()` raises a SyntaxError, even for a list that contains it.

    Source: RFC 8259, 6: infinities and NaN are not JSON numbers.

    Usual cause: numbers are stored unchecked; check them first, with `math.isfinite` or against
    the limits that they have anyway.
    """
    field = javascript.need("number_field")
    client = javascript.client()
    javascript.taken(client)
    body = json.dumps({**javascript.sample(javascript.marked()), field: "@number@"})
    response = javascript.deliver(client, body.replace('"@number@"', number).encode())
    expect(response.status < 500, f"{number} to be refused or accepted", response)
    for each in (response, *javascript.answers(client)):
        if is_json(each):
            try:
                answer(each)
            except Deviation as wrong:
                raise Deviation(
                    f"{wrong.expected}, after {field} = {number} was sent",
                    wrong.observed,
                    f"{field} = {number} is accepted" if response.status < 300 else "",
                ) from None


@should("return-json-from-views")
def test_list_json(javascript: Harness) -> None:
    """A list is returned as a JSON array of JSON's media type.

    Source: a list returned from a view, or `jsonify`, becomes a JSON response.

    Usual cause: the response is built from `json.dumps(...)` or `str(...)`, without the type.
    """
    response = javascript.send(javascript.client(), javascript.need("listing"))
    expect(response.status == 200 and isinstance(answer(response), list), "a JSON array", response)


@must("return-json-from-views", share=0.3)
@given(number=st.integers(10**8, 2 * 10**9), uuid=st.uuids(version=4))
@example(number=10**30, uuid=None)
def test_404_json(javascript: Harness, number: int, uuid: object) -> None:
    """An unknown id gives 404.

    Source: `get_or_404` gives a 404 for an unknown id.

    Usual cause: `.get(id)`, which returns None, instead of `get_or_404`; or a number that is too
    long for the database column.
    """
    known = javascript.binding.known
    if known.isdigit():
        unknown = str(number)
    elif re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", known, re.IGNORECASE):
        unknown = str(uuid or "00000000-0000-4000-8000-000000000000")
    else:
        unknown = f"{known}{number}"
    response = javascript.item(javascript.client(), unknown)
    expected = (404, 410) if number < 2**31 else (400, 404, 410, 422)
    expect(response.status in expected, f"404 for the unknown id {unknown}", response)


@harden("return-json-from-views")
def test_no_internal_fields(javascript: Harness) -> None:
    """API responses contain only intended fields, and no secrets.

    Source: goes beyond the chapter, whose view chooses the fields of its response.

    Usual cause: `vars(user)`, `dataclasses.asdict(user)`, or every column of the table.
    """
    binding, client = javascript.binding, javascript.client()
    if binding.detail is None and binding.listing is None:
        javascript.need("detail")
    detail = javascript.item(client) if binding.detail else None
    listing = javascript.send(client, binding.listing) if binding.listing else None
    for response in (detail, listing):
        if response is None or not is_json(response):
            continue
        value = answer(response)
        for name, held in names(value):
            expect(
                not SECRET_NAME.fullmatch(name.lower().replace("-", "_")),
                "no names of secrets in API responses",
                f"{name!r} in {response}",
            )
            expect(
                not (isinstance(held, str) and SECRET.match(held)),
                "no password hashes in API responses",
                f"{name!r} in {response}",
            )
        # A list may be wrapped in an object with additional names.
        things = value if isinstance(value, list) else [value] if response is detail else []
        for each in things if binding.fields else ():
            further = set(each) - set(binding.fields or ()) if isinstance(each, dict) else ()
            expect(
                not further, f"no names except {binding.fields}", f"{sorted(further)} in {response}"
            )


SECRET_NAME = re.compile(
    r"_?(?:(?:user|hashed|encrypted)_?)?(?:pass(?:word|wd)?|pwd|pw)(?:_?(?:hash|digest|salt))?"
    r"|pw_?hash|salt|secret(?:_?key)?|api_?secret|private_?key|otp_?secret|totp_?secret"
    r"|_sa_instance_state|_state"
)

SECRET = re.compile(r"(?:scrypt|pbkdf2)(?::\w+)+\$|\$(?:2[aby]|argon2\w*|pbkdf2[\w-]*|[156])\$")


# What the API accepts.

GOOD_TYPES = (
    "application/json",
    "application/json; charset=utf-8",
    'application/json;charset="UTF-8"',
    "Application/JSON",
)

#: Types of neither JSON nor forms: an endpoint may accept forms as well.
wrong_types = st.one_of(
    st.sampled_from([None, "", "text/plain", "text/html", "application/xml", "image/png"]),
    st.sampled_from(["application/octet-stream", "text/plain; charset=utf-8", "text/javascript"]),
    st.builds(
        "{}/{}".format,
        st.sampled_from(["application", "text", "audio", "x"]),
        st.text("abcxyz.-", min_size=1, max_size=8).map("x{}".format),
    ),
)


@must("receiving-json-in-views", share=0.4)
@given(good=st.sampled_from(GOOD_TYPES), wrong=wrong_types)
@example(good="application/json; charset=utf-8", wrong="text/plain")
@example(good="Application/JSON", wrong=None)
def test_415(javascript: Harness, good: str, wrong: str | None) -> None:
    """JSON is accepted with its media type, even with a charset; any other type gives 415.

    Flask 2.2 gives 400 instead.

    Source: JSON has the Content-Type application/json; any other gives 415.

    Usual cause: `get_json(force=True)` or `json.loads(request.data)`, which accept any type, or
    `request.content_type == "application/json"`, which rejects parameters.
    """
    client = javascript.client()
    javascript.taken(client)
    body = json.dumps(javascript.sample(javascript.marked())).encode()
    response = javascript.deliver(client, body, good)
    if response.status >= 400:
        # Perhaps it is accepted only once, whatever its type.
        javascript.taken(client)
    expect(response.status < 400, f"JSON to be accepted as {good}", response)
    response = javascript.deliver(client, body, wrong)
    named = f"Content-Type: {wrong}" if wrong else "no Content-Type"
    expect(response.status in (415, 400), f"415 for JSON with {named}", response)


def malformed(body: bytes) -> bool:
    """Check whether the bytes are neither JSON nor empty."""
    try:
        json.loads(body)
    except ValueError:
        return bool(body.strip())
    return False


@must("receiving-json-in-views", share=0.6)
@given(
    whole=st.one_of(
        st.none(),
        st.sampled_from([b"{", b"{'a': 1}", b"{a: 1}", b"a=1&b=2", b"<a/>", b"undefined", b"//"]),
        st.binary(min_size=1, max_size=9),
    ),
    at=st.integers(0, 300),
    junk=st.one_of(st.sampled_from([b"", b",", b"}", b"\xff", b"\0", b"'"]), st.binary(max_size=3)),
    rest=st.booleans(),
)
@example(whole=b"{", at=0, junk=b"", rest=False)
@example(whole=None, at=300, junk=b",", rest=True)
@example(whole=None, at=9, junk=b"\xe9", rest=True)
def test_400(javascript: Harness, whole: bytes | None, at: int, junk: bytes, rest: bool) -> None:
    """A body that is not valid JSON gives 400, and changes nothing.

    Source: invalid JSON gives 400.

    Usual cause: `get_json(silent=True)`, which returns None for it, or `json.loads` in the view,
    whose exception becomes a server error.
    """
    client = javascript.client()
    body = whole
    if body is None:
        sound = json.dumps(javascript.sample(javascript.marked())).encode()
        at = min(at, len(sound))
        body = sound[:at] + junk + (sound[at:] if rest else b"")
    if not malformed(body):
        return
    before = javascript.now(client)
    response = javascript.deliver(client, body)
    expect(response.status == 400, f"400 for {body!r}, which is not JSON", response)
    after = javascript.now(client)
    expect(after == before, f"{body!r} to change nothing: {before}", after)


@should("receiving-json-in-views", share=0.3)
@given(value=json_values, index=st.integers(0, 9), wrong=st.sampled_from([None, [], {}, ["x"]]))
@example(value=[], index=0, wrong=None)
@example(value=None, index=1, wrong={})
@example(value="text", index=2, wrong=[])
def test_shape_4xx(javascript: Harness, value: Any, index: int, wrong: Any) -> None:
    """JSON of an unexpected shape gives a 4xx, and changes nothing.

    A list, `null` or a number is valid JSON too: `data["name"]` or `data.get` then raises.

    Source: RFC 9110, 15.5.1: 400 says that the client erred; the chapter uses it for invalid
    JSON.

    Usual cause: the view assumes that `request.json` is a dict and that its values are strings.
    """
    required = javascript.need("required")
    # Unlike what is there, so that a part of it that is stored can be seen.
    sample = {**javascript.sample(javascript.marked()), **javascript.others}
    client = javascript.client()
    with javascript.aside():
        javascript.taken(client)
    name = javascript.choose(required, index=index)
    lacking = {key: each for key, each in sample.items() if key != name}
    shapes = {f"without {name!r}": lacking}
    if not (isinstance(value, dict) and set(required) <= value.keys()):
        shapes["in place of the object"] = value
    if not isinstance(sample.get(name), list | dict | None):
        shapes[f"with {wrong!r} as {name!r}"] = {**sample, name: wrong}
    # A valid part of an object must not be stored if the rest is invalid.
    for how, shape in shapes.items():
        before = javascript.now(client)
        response = javascript.deliver(client, json.dumps(shape).encode())
        expect(400 <= response.status < 500, f"a 4xx for {_dumped(shape)}, {how}", response)
        after = javascript.now(client)
        expect(
            after == before,
            f"{_dumped(shape)}, which is refused, to change nothing: {before}",
            after,
            cause="fields are stored one by one while they are checked",
        )


#: Levels of nesting that any parser accepts.
DEEPEST = 200

#: Valid JSON that is hard to handle, for a given size.
HOSTILE_JSON: dict[str, Callable[[int], str]] = {
    # Not as deep as Python's parser can go: its RecursionError is not the app's fault.
    "unclosed": lambda size: "[" * min(size, DEEPEST),
    "nested arrays": lambda size: "[" * min(size, DEEPEST) + "]" * min(size, DEEPEST),
    "nested objects": lambda size: '{"a":' * min(size, DEEPEST) + "1" + "}" * min(size, DEEPEST),
    "digits": lambda size: "1" * size,
    "exponent": lambda size: f"1e{size}",
    "twice": lambda size: '{"a":1,"a":{}}',
    "half a pair": lambda size: '"\\ud800"',
    "nothing": lambda size: '"\\u0000"',
    "long": lambda size: '"' + "x" * size + '"',
}


@harden("receiving-json-in-views", share=0.3)
@given(
    kind=st.sampled_from(sorted(HOSTILE_JSON)),
    size=st.one_of(st.integers(1, 2000), st.sampled_from([5000, 20_000, 100_000])),
    index=st.integers(-1, 9),
)
@example(kind="nested arrays", size=1, index=-1)
@example(kind="half a pair", size=1, index=0)
@example(kind="half a pair", size=1, index=1)
@example(kind="digits", size=4000, index=2)
@example(kind="digits", size=400, index=2)
def test_hostile_4xx(javascript: Harness, kind: str, size: int, index: int) -> None:
    """No JSON body causes a server error, neither on arrival nor when the API is read afterwards.

    Half a surrogate pair is a string that cannot be encoded as UTF-8; an integer of 400 digits
    fits neither a float nor a column.

    Source: goes beyond the chapter; it protects the server from JSON that makes no sense.

    Usual cause: parsed values are used unchecked; check their types and limits first.
    """
    client, sample = javascript.client(), javascript.sample(javascript.marked())
    text = HOSTILE_JSON[kind](size)
    keys = [*sample, "conformance"]
    name = javascript.choose(keys, index=index) if index >= 0 else None
    if name is not None:
        text = json.dumps({**sample, name: "@value@"}).replace('"@value@"', text)
    where = f"as {name!r}" if name else "as the body"
    response = javascript.deliver(client, text.encode())
    expect(response.status < 500, f"no server error for {kind} of size {size} {where}", response)
    for each in javascript.answers(client):
        expect(each.status < 500, f"no server error after {kind} of size {size} {where}", each)


@harden("receiving-json-in-views")
def test_error_json(javascript: Harness) -> None:
    """The API's error responses are JSON, and any status in the body matches the response.

    A script that calls `response.json()` on an HTML page gets a SyntaxError instead of the
    error message.

    Source: goes beyond the chapter, whose errors are Werkzeug's.

    Usual cause: the API has no error handler for HTTPException.
    """
    binding, client = javascript.binding, javascript.client()
    if binding.receive is None:
        javascript.need("detail")
    responses = {}
    if binding.detail is not None:
        known = binding.known
        unknown = (
            "987654321" if known.isdigit() else known[:-1] + ("0" if known[-1] != "0" else "1")
        )
        responses["an unknown id"] = javascript.item(client, unknown)
        place = javascript.need("detail").replace("{id}", quote(known, safe=""))
        # A method for which no app has a route, and which changes nothing.
        responses["an unknown method"] = client.open("PROPFIND", place)
    if binding.receive is not None:
        body = json.dumps(javascript.sample(javascript.marked())).encode()
        responses["a body that is not JSON"] = javascript.deliver(client, b"{")
        responses["a type other than JSON's"] = javascript.deliver(client, body, "text/plain")
        if binding.required is not None:
            responses["an empty object"] = javascript.deliver(client, b"{}")
    for what, response in responses.items():
        # Whether it is an error at all is checked by other clauses.
        if not 400 <= response.status < 500:
            continue
        others = [
            f"{other} ({each.status})"
            for other, each in responses.items()
            if each.status >= 400 and is_json(each)
        ]
        expect(
            is_json(response),
            f"a JSON response to {what}",
            f"Content-Type: {response.header('Content-Type')}; {response}; "
            + (f"JSON only for {', '.join(others)}" if others else "no error is JSON"),
        )
        for name, held in names(strict(response.body)):
            # Other numbers are the app's own, such as 1 for an error.
            is_status = type(held) is int and 100 <= held < 600
            if name in ("status", "code", "status_code") and is_status:
                expect(held == response.status, f"{response.status} as {name!r}", held)


#: Types that a page of another site can send without a preflight request.
SIMPLE_TYPES = (
    None,
    "text/plain",
    "application/x-www-form-urlencoded",
    f"multipart/form-data; boundary={BOUNDARY}",
)


@harden("receiving-json-in-views")
def test_no_force(javascript: Harness) -> None:
    """JSON is refused if its type is one that any other site's page can send.

    A form or a `fetch` on another site can send text/plain or a form's types with the person's
    cookies and without a preflight request; application/json requires one.

    Source: goes beyond the chapter, where any Content-Type other than JSON's gives 415.

    Usual cause: `get_json(force=True)`, or a fallback to `request.data` for clients that do not
    set the type.
    """
    client = javascript.client()
    javascript.taken(client)
    for content_type in SIMPLE_TYPES:
        marked = javascript.marked()
        body = json.dumps(javascript.sample(marked)).encode()
        before = javascript.now(client)
        response = javascript.deliver(client, body, content_type)
        after = javascript.now(client)
        named = f"Content-Type: {content_type}" if content_type else "no Content-Type"
        expect(
            after == before or javascript.binding.state is None,
            f"JSON with {named} to change nothing",
            f"{response}; afterwards {after}",
        )
        # An endpoint may accept forms as well: JSON is not a form, and must not be read as JSON.
        form = content_type is not None and content_type != "text/plain"
        expect(
            response.status >= 400 or (form and marked not in response.text),
            f"JSON with {named} to be refused",
            response,
        )
