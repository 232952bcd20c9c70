"""Failures are put together only where what was seen shows one cause; the worst comes first."""

from __future__ import annotations

from typing import Any

import flask

from conformance import Options, Subject, run
from conformance.core.errors import Kind, Missing
from conformance.core.told import Location
from conformance.core.verdict import Failure, Outcome, Verdict
from conformance.reports.causes import Cause, causes, traced
from conformance.suites.catalogue import find_clause

SAVE = Location("shop.py", 12, "save")


def failed(name: str, level: str = "must", **values: Any) -> Verdict:
    about = {"expected": "a page", "observed": f"what {name} sees", "kind": "routes", **values}
    return made(name, level, Outcome.FAIL, failure=Failure(**about))


def made(name: str, level: str, outcome: Outcome, **values: Any) -> Verdict:
    slug = name.partition(".")[0]
    return Verdict(name, slug, level, "It holds.", "https://docs", outcome, **values)


def ids(found: list[Cause]) -> list[list[str]]:
    return [[each.id for each in cause.verdicts] for cause in found]


def test_one_exception_at_one_line_is_one_cause_across_patterns() -> None:
    raised = {"raised": "KeyError: 'user'", "location": SAVE}
    found = causes([failed("a.x", "should", **raised), failed("b.y", **raised)])

    assert ids(found) == [["b.y", "a.x"]]
    assert (found[0].level, found[0].location) == ("must", SAVE)
    assert found[0].text == "KeyError: 'user'; expected a page"


def test_another_line_or_another_exception_is_another_cause() -> None:
    found = causes(
        [
            failed("a.x", raised="KeyError: 'user'", location=SAVE),
            failed("a.y", raised="KeyError: 'user'", location=Location("shop.py", 13, "save")),
            failed("a.z", raised="ValueError: user", location=SAVE),
        ]
    )

    assert ids(found) == [["a.x"], ["a.y"], ["a.z"]]


def test_one_view_that_was_asked_is_no_evidence() -> None:
    assert len(causes([failed("a.x", location=SAVE), failed("a.y", location=SAVE)])) == 2


def test_what_clauses_name_as_the_cause_is_one_within_a_pattern_and_a_place() -> None:
    other = Location("shop.py", 40, "edit")
    said = {"cause": "the session is not rolled back.", "location": SAVE}
    found = causes(
        [
            failed("a.x", **said),
            failed("a.y", **said),
            failed("a.z", cause=said["cause"], location=other),
            failed("b.x", **said),
        ]
    )

    assert ids(found) == [["a.x", "a.y"], ["a.z"], ["b.x"]]
    assert found[0].text == "the session is not rolled back."


def test_the_same_answer_to_the_same_request_is_one_deviation() -> None:
    def seen(name: str, observed: str, step: str) -> Verdict:
        return failed(name, observed=observed, trail=("GET / -> 200", step))

    login = "GET /account -> 302 [Location: /login]"
    found = causes(
        [
            seen("a.x", "302 [Location: /login]", login),
            seen("a.y", "302 [Location: /login]", login),
            seen("a.z", "302 [Location: /login]", "GET /orders -> 302 [Location: /login]"),
            seen("b.x", "302 [Location: /login]", login),
        ]
    )

    assert ids(found) == [["a.x", "a.y"], ["a.z"], ["b.x"]]


def test_a_number_that_is_new_each_time_makes_no_difference() -> None:
    found = causes(
        [
            failed(
                "a.x", observed="no 1234567890 in the list", trail=("GET /?q=1234567890 -> 200",)
            ),
            failed(
                "a.y", observed="no 1234567891 in the list", trail=("GET /?q=1234567891 -> 200",)
            ),
        ]
    )

    assert ids(found) == [["a.x", "a.y"]]


def test_a_short_observation_is_no_evidence() -> None:
    step = ("GET / -> 200",)
    found = causes(
        [failed("a.x", observed="None", trail=step), failed("a.y", observed="None", trail=step)]
    )

    assert len(found) == 2


def test_what_several_kinds_of_evidence_join_is_one_cause() -> None:
    said = {"cause": "the handler reads what is not there.", "location": SAVE}
    found = causes(
        [
            failed("a.x", **said),
            failed("b.y", raised="KeyError: 'user'", location=SAVE),
            failed("a.z", raised="KeyError: 'user'", **said),
        ]
    )

    assert ids(found) == [["a.x", "b.y", "a.z"]]


def test_one_key_that_is_wrong_is_one_cause_and_comes_after_what_deviates() -> None:
    key = Missing(Kind.KEY, "patterns.a.page")
    found = causes(
        [
            made("a.x", "must", Outcome.BROKEN, reason="patterns.a.page: 404", missing=(key,)),
            made("a.y", "must", Outcome.PASS),
            made(
                "a.z", "should", Outcome.BROKEN, reason="patterns.a.page: 404 here", missing=(key,)
            ),
            failed("b.x", "harden"),
            made("b.y", "must", Outcome.UNTESTED, reason="needs b.page"),
        ]
    )

    assert ids(found) == [["b.x"], ["a.x", "a.z"]]
    assert found[1].text == "patterns.a.page: 404"


def test_the_worst_comes_first_and_then_what_most_clauses_say() -> None:
    twice = {"cause": "it is not closed."}
    found = causes(
        [
            failed("a.h", "harden"),
            failed("a.s", "should"),
            failed("a.m", "must"),
            failed("b.x", "must", **twice),
            failed("b.y", "harden", **twice),
        ]
    )

    assert ids(found) == [["b.x", "b.y"], ["a.m"], ["a.s"], ["a.h"]]


def test_each_row_says_its_cause_and_what_it_follows_from() -> None:
    twice = {"cause": "it is not closed."}
    rows = traced(
        [
            failed("b.y", "harden", **twice),
            made("c.z", "must", Outcome.PASS),
            failed("b.x", **twice),
        ]
    )

    assert [(row.id, row.cause, row.follows) for row in rows] == [
        ("b.y", "it is not closed.", "b.x"),
        ("c.z", "", ""),
        ("b.x", "it is not closed.", ""),
    ]
    assert Verdict.from_json(rows[0].to_json()) == rows[0]


def test_clauses_that_meet_one_exception_of_a_view_find_its_line() -> None:
    def create_app() -> flask.Flask:
        app = flask.Flask("site")

        @app.put("/thing")
        def save() -> dict[str, object]:
            values = flask.request.get_json()
            if not isinstance(values, dict) or "name" not in values:
                raise LookupError("name")
            return values

        return app

    receive = {"method": "PUT", "path": "/thing", "json": {"name": "ada", "age": 4}}
    subject = Subject(
        app=create_app,
        patterns={"javascript": {"receive": receive, "text_field": "name", "required": ["name"]}},
    )
    clauses = [find_clause(f"javascript.{name}") for name in ("shape-4xx", "hostile-4xx")]
    (cause,) = causes(run(subject, clauses, Options(max_examples=10)))

    assert cause.location is not None
    assert (cause.location.file, cause.location.name) == ("tests/test_causes.py", "save")
    assert cause.text.startswith("LookupError: name; expected ")
    assert [each.id for each in cause.verdicts] == [clause.id for clause in clauses]
