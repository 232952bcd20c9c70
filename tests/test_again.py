"""How a failure is seen again: the trail keeps what decides, and curl lines do what was done."""

from __future__ import annotations

from typing import Any

import flask
import pytest

from conformance import Options, Subject, run_clause
from conformance.core.ledger import Exchange, Ledger, Trail
from conformance.reports.text import without_runs
from conformance.suites.catalogue import find_clause
from conformance.transports import Client, Request, Response
from conformance.transports.again import curl_lines
from conformance.transports.wsgi import WSGIServer


def trail(*steps: str) -> Trail:
    made = Trail()
    for step in steps:
        made.append(step)
    return made


def test_equal_steps_are_merged_before_the_trail_is_cut() -> None:
    assert trail("log in", *["read"] * 30, "write", *["read"] * 30, "leave").told() == (
        "log in",
        "read (30 times)",
        "write",
        "read (30 times)",
        "leave",
    )


@pytest.mark.parametrize("count", [13, 100, 500])
def test_the_first_steps_and_the_deciding_one_are_always_there(count: int) -> None:
    told = trail(*(f"step {'a' * number}" for number in range(count))).told()

    assert told[0] == "step "
    assert told[-1] == f"step {'a' * (count - 1)}"
    assert f"… {count - len(told) + 1} steps …" in told
    assert len(told) == 13


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (100, ("log in", "GET /0 (99 times, with other numbers)", "GET /99")),
        (
            500,
            (
                "log in",
                "GET /0 (19 times, with other numbers)",
                "… 281 steps …",
                "GET /300 (199 times, with other numbers)",
                "GET /499",
            ),
        ),
    ],
)
def test_many_steps_that_differ_in_a_number_are_told_as_one(
    count: int, told: tuple[str, ...]
) -> None:
    assert trail("log in", *(f"GET /{number}" for number in range(count))).told() == told


def test_an_example_without_steps_tells_none() -> None:
    assert trail().told() == ()


def test_a_trail_that_is_not_too_long_is_whole() -> None:
    steps = tuple(f"step {number}" for number in range(12))

    assert trail(*steps).told() == steps


def test_a_long_example_keeps_no_bodies_but_the_newest() -> None:
    ledger = Ledger()
    for _ in range(50):
        ledger.send(Request()).response = Response(200, (), b"x" * 100)
    kept = [step for step in ledger.trail if isinstance(step, Exchange)]

    assert len(ledger.trail) == 50
    assert len(kept) < 20
    assert ledger.trail.newest is kept[-1]


class App:
    """What serves an app."""


class Sender:
    """A client, as the ledger sees it."""

    def __init__(self, server: App, person: str | None = None) -> None:
        self.server = server
        self.person = person


def sent(*steps: tuple[Sender, bool]) -> tuple[str, ...]:
    """Return how the steps are told of senders, each with a cookie or without."""
    ledger = Ledger()
    for sender, cookie in steps:
        headers = (("Cookie", "a=b"),) if cookie else ()
        ledger.send(Request(headers=headers), sender).response = Response(200)
    return tuple(step.partition(" GET")[0] for step in ledger.trail.told())


def test_clients_with_cookies_are_told_apart_and_others_are_not() -> None:
    app = App()
    ada, someone, alone = Sender(app, "ada"), Sender(app), Sender(app)

    assert sent((ada, True), (someone, True), (alone, False), (ada, True)) == (
        "[ada]",
        "[client 2]",
        "GET / -> 200",
        "[ada]",
    )
    assert sent((someone, True), (someone, False)) == (
        "GET / [Cookie: a=b] -> 200",
        "GET / -> 200",
    )


def test_a_client_has_one_name_before_and_after_it_logs_in() -> None:
    app = App()
    ada, someone = Sender(app), Sender(app)
    ledger = Ledger()
    for sender, person in ((ada, None), (someone, None), (ada, "ada")):
        sender.person = person
        ledger.send(Request(headers=(("Cookie", "a=b"),)), sender).response = Response(200)

    assert [step.partition(" ")[0] for step in ledger.trail.told()] == ["[ada]", "[client", "[ada]"]


def test_who_took_a_step_is_known_however_long_ago() -> None:
    one, other = Sender(App()), Sender(App())

    told = sent((one, True), *[(other, False)] * 400)

    assert told[0] == "[app 1, client 1]"
    assert told[-1] == "[app 2]"


def test_the_steps_say_how_far_a_stream_was_read() -> None:
    def create_app() -> flask.Flask:
        app = flask.Flask(__name__)
        app.add_url_rule("/", view_func=lambda: flask.Response(iter([b"one", b"two"])))
        return app

    client = Client(WSGIServer(create_app()), Ledger())
    with client.stream(Request()) as stream:
        next(stream)
    with client.stream(Request()) as stream:
        assert b"".join(stream) == b"onetwo"

    assert client.ledger.trail.told() == (
        "GET / -> 200; the client hangs up after 1 piece, 3 bytes",
        "GET / -> 200; ends after 2 pieces, 6 bytes",
    )


def test_a_page_is_told_by_what_it_shows() -> None:
    page = b"<!doctype html><title>Shop</title><script>if (1 < 2) {}</script><p>a &lt; <b>b</b>"
    answer = Response(200, (("Content-Type", "text/html; charset=utf-8"),), page)

    assert str(answer) == f"200 {len(page)} bytes of HTML 'Shop a < b'"


def test_what_is_repeated_is_said_once() -> None:
    assert without_runs(f"name='{'x' * 300}'") == "name='xx…[300 times]'"
    assert without_runs("ab" * 100 + "c" * 60) == "abab…[100 times]" + "c" * 60


class Person:
    server = object()


def steps(*pairs: tuple[Request, Response], sender: object | None = None) -> list[Exchange | str]:
    person = sender or Person()
    return [Exchange(request, response, sender=person) for request, response in pairs]


LOGIN = Request.build("POST", "/login", form={"name": "ada"})
SESSION = "eyJ1c2VyIjoxfQ.aRk3Zw.c2lnbmF0dXJlLW9mLWl0"
WELCOME = Response(302, (("Set-Cookie", f"session={SESSION}; Path=/"), ("Location", "/")))
OK = Response(200, (), b"ok")


def as_somebody(value: str, target: str = "/account") -> Request:
    return Request("GET", target, (("Cookie", f"session={value}"),))


def test_every_request_of_the_example_is_there_and_curl_keeps_the_session() -> None:
    assert curl_lines(steps((LOGIN, WELCOME), (as_somebody(SESSION), OK))) == (
        "curl -i -b jar.txt -c jar.txt -X POST -H 'Content-Type: application/x-www-form-urlencoded' "
        "http://localhost:5000/login --data-binary name=ada",
        "curl -i -b jar.txt -c jar.txt http://localhost:5000/account",
    )


def test_two_people_have_two_jars() -> None:
    ada, bob = Person(), Person()
    other = SESSION.replace("MX", "Mj")
    welcome = Response(302, (("Set-Cookie", f"session={other}"),))
    lines = curl_lines(
        [
            *steps((LOGIN, WELCOME), sender=ada),
            *steps((LOGIN, welcome), (as_somebody(other), OK), sender=bob),
            *steps((as_somebody(SESSION), OK), sender=ada),
        ]
    )

    assert [line.split()[3] for line in lines] == ["jar1.txt", "jar2.txt", "jar2.txt", "jar1.txt"]


def test_a_cookie_of_the_clause_is_sent_as_it_is() -> None:
    request = Request("GET", "/", (("Cookie", "language=da"),))

    assert curl_lines(steps((request, OK))) == (
        "curl -i -H 'Cookie: language=da' http://localhost:5000/",
    )


TOKEN = "ImQ5YzE0ZjY0Mzk0ZmE2Y2EyN2Yx"


@pytest.mark.parametrize(
    "example",
    [
        pytest.param([], id="nothing was sent"),
        pytest.param(["a component was called"], id="a call"),
        pytest.param(steps((as_somebody(SESSION), OK)), id="signed with the app's key"),
        pytest.param(
            steps(
                (Request(target="/form"), Response(200, (), f"<input value={TOKEN}>".encode())),
                (Request.build("POST", "/form", form={"csrf_token": TOKEN}), OK),
            ),
            id="a token from the page before",
        ),
        pytest.param(
            steps(
                (LOGIN, Response(302, (("Location", "/items/5f0a9c3e1b2d"),))),
                (Request(target="/items/5f0a9c3e1b2d"), OK),
            ),
            id="an address from the answer before",
        ),
        pytest.param(steps((Request("POST", body=b"x" * 5000), OK)), id="a long body"),
        pytest.param(steps((Request("POST", body=b"a\0b"), OK)), id="a zero byte"),
        pytest.param(steps(*[(Request(), OK)] * 13), id="many requests"),
        pytest.param(steps((Request(environ={"x": 1}), OK)), id="a WSGI variable"),
        pytest.param([Exchange(Request(), OK, repeatable=False)], id="somebody hung up"),
        pytest.param([Exchange(Request())], id="no answer"),
    ],
)
def test_no_line_where_the_users_own_server_would_not_do_the_same(example: list[Any]) -> None:
    assert curl_lines(example) == ()


def test_an_app_that_was_made_anew_in_the_example_is_not_the_users_server() -> None:
    before, after = Person(), Person()
    after.server = object()

    assert curl_lines([*steps((LOGIN, OK), sender=before), *steps((LOGIN, OK), sender=after)]) == ()


def test_what_was_sent_before_it_was_shown_is_no_secret() -> None:
    text = "a text of some length"
    post = Request.build("POST", "/notes", form={"text": text})
    page = Response(200, (), text.encode())

    assert len(curl_lines(steps((post, page), (post, page)))) == 2


def test_an_example_that_the_clause_names_is_said_to_be_one() -> None:
    def override(app: Any) -> Any:
        def middleware(environ: dict[str, Any], start_response: Any) -> Any:
            method = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "").upper()
            if method:
                environ["REQUEST_METHOD"] = method
            return app(environ, start_response)

        return middleware

    subject = Subject(patterns={"methodoverrides": {"middleware": override}})
    clause = find_clause("methodoverrides.only-post")
    failure = run_clause(clause, subject, Options()).failure

    assert getattr(clause.function, "__examples__", ())
    assert failure is not None
    assert failure.example is not None
    assert failure.example.endswith("(an explicit example)")
