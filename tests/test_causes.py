"""Failures are put together only where what was seen shows one cause; the worst comes first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import flask
import pytest

from conformance import Options, Subject, run
from conformance.core.errors import Kind, Missing
from conformance.core.told import Location, Raised
from conformance.core.verdict import Failure, Outcome, Verdict
from conformance.reports.causes import Cause, causes, traced
from conformance.suites.catalogue import find_clause

from .proof import mutants

SAVE = Location("shop.py", 12, "save")


def at_save(error: str, line: int = 12) -> dict[str, Any]:
    """Return what a failure says of an exception that was raised at a line."""
    place = Location("shop.py", line, "save")
    return {"raised": error, "location": place, "observed": f"500 ({error} ({place}))"}


def failed(name: str, level: str = "must", **values: Any) -> Verdict:
    about = {"expected": "a page", "observed": f"what {name} sees", "kind": "routes", **values}
    return made(name, level, Outcome.FAIL, failure=Failure(**about))


def made(name: str, level: str, outcome: Outcome, **values: Any) -> Verdict:
    slug = name.partition(".")[0]
    return Verdict(name, slug, level, "It holds.", "https://docs", outcome, **values)


def ids(found: list[Cause]) -> list[list[str]]:
    return [[each.id for each in cause.verdicts] for cause in found]


def test_one_exception_at_one_line_is_one_cause_across_patterns() -> None:
    raised = at_save("KeyError: 'user'")
    found = causes([failed("a.x", "should", **raised), failed("b.y", **raised)])

    assert ids(found) == [["b.y", "a.x"]]
    assert (found[0].level, found[0].location) == ("must", SAVE)
    assert found[0].text == "KeyError: 'user'; expected a page"


def test_another_line_or_another_exception_is_another_cause() -> None:
    found = causes(
        [
            failed("a.x", **at_save("KeyError: 'user of this name'")),
            failed("a.y", **at_save("KeyError: 'user of this name'", 13)),
            failed("a.z", **at_save("ValueError: user of this name")),
        ]
    )

    assert ids(found) == [["a.x"], ["a.y"], ["a.z"]]


def test_an_exception_in_a_library_is_one_by_its_text() -> None:
    said = "TypeError: read() missing 1 required positional argument: 'size'"
    short = "KeyError: 'user'"
    found = causes(
        [
            failed("a.x", raised=said, location=SAVE, observed="it raised"),
            failed("a.y", raised=said, observed="500 for a form"),
            failed("b.x", raised=said, observed="500 for a form"),
            failed("a.z", raised=short, observed="500 for a page"),
            failed("a.w", raised=short, observed="500 for a list"),
        ]
    )

    assert sorted(map(sorted, ids(found))) == [["a.w"], ["a.x", "a.y"], ["a.z"], ["b.x"]]


def test_the_same_that_a_place_does_not_do_is_one_deviation_whatever_values_it_was_seen_with() -> (
    None
):
    def seen(name: str, expected: str, observed: str, place: Location = SAVE) -> Verdict:
        return failed(name, expected=expected, observed=observed, location=place)

    found = causes(
        [
            seen("a.x", "'m0' to run once", "'m0', 'm0' ran, in an answer of 200"),
            seen("a.y", "'m1' to run once", "'m1', 'm1', 'm1' ran, in an answer of 404"),
            seen("a.z", "'m0' to run once", "nothing ran, in an answer of 200"),
            seen(
                "a.w",
                "'m0' to run once",
                "'m0', 'm0' ran, in an answer of 200",
                Location("b.py", 1),
            ),
        ]
    )

    assert ids(found) == [["a.x", "a.y"], ["a.z"], ["a.w"]]


def test_a_failure_that_two_kinds_of_evidence_join_stands_once_in_its_cause() -> None:
    same = {**at_save("KeyError: 'user'"), "cause": "it is not there.", "trail": ("GET / -> 500",)}
    found = causes([failed(f"a.{name}", **same) for name in "tuvwxyz"])

    assert ids(found) == [[f"a.{name}" for name in "tuvwxyz"]]


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
            failed("b.y", **at_save("KeyError: 'user'")),
            failed("a.z", **{**at_save("KeyError: 'user'"), "cause": said["cause"]}),
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


@pytest.mark.parametrize(
    ("pattern", "name", "groups"),
    [
        ("requestchecksum", "read_wants_a_size", [["any-consumption", "transparent"]]),
        ("deferredcallbacks", "registered_twice", [["order"], ["on-error-responses", "runs-once"]]),
    ],
)
def test_what_one_mistake_breaks_is_told_in_few_voices(
    pattern: str, name: str, groups: list[list[str]]
) -> None:
    (mutant,) = (each for each in mutants(pattern) if each.name == name)
    clauses = [find_clause(f"{pattern}.{each}") for group in groups for each in group]
    found = causes(run(mutant.make(), clauses, Options(max_examples=5)))

    said = [sorted(each.id.partition(".")[2] for each in cause.verdicts) for cause in found]
    assert sorted(said) == sorted(groups)


def test_several_mistakes_in_one_component_stay_several() -> None:
    def override(app: Any) -> Any:
        def middleware(environ: dict[str, Any], start_response: Any) -> Any:
            method = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "").upper()
            if method in ("GET", "HEAD", "PUT", "DELETE"):
                environ["REQUEST_METHOD"] = method
            return app(environ, start_response)

        return middleware

    subject = Subject(patterns={"methodoverrides": {"middleware": override}})
    names = ("only-post", "body-dropped", "original-recorded")
    clauses = [find_clause(f"methodoverrides.{name}") for name in names]

    assert len(causes(run(subject, clauses, Options(max_examples=10)))) == 3


def test_a_line_of_a_library_is_never_that_of_the_subject(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # From here, the path of an installed package is told by its last parts alone.
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RuntimeError) as caught:
        flask.url_for("shop")
    whole = Raised.by(caught.value)
    inside = Raised.by(caught.value.with_traceback(caught.tb.tb_next))

    assert whole.own
    assert inside.location is not None
    assert "site-packages" not in inside.location.file
    assert not inside.own
