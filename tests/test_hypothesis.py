"""What the kit guarantees of every property, and what it rests on in Hypothesis."""

from __future__ import annotations

import importlib
import importlib.util
import random
import uuid
from pathlib import Path

import flask
import hypothesis.core
import pytest
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers

from conformance import Options, Outcome, Subject, Verdict, run_clause
from conformance.clause import Clause, clause_of, example, expect, given, must


def clause(test: object) -> Clause:
    found = clause_of(must("")(test))  # type: ignore[type-var]
    assert found is not None
    object.__setattr__(found, "pattern", "methodoverrides")
    return found


def ask(test: object, view: object, examples: int = 20) -> Verdict:
    def create_app() -> flask.Flask:
        app = flask.Flask("shop")
        app.add_url_rule("/thing", "thing", view, methods=["GET", "POST"])  # type: ignore[arg-type]
        return app

    subject = Subject(create_app, patterns={"methodoverrides": {"route": "/thing"}})
    return run_clause(clause(test), subject, Options(max_examples=examples))


def test_the_private_names_are_there() -> None:
    """Without them examples depend on what is loaded, and subjects' `random` repeats itself."""
    assert callable(hypothesis.core.deterministic_PRNG)
    # Older versions take no literals from sources, and have no such module.
    if importlib.util.find_spec("hypothesis.internal.constants_ast") is not None:
        assert callable(providers._get_local_constants)
        assert callable(providers.Constants)
        assert type(providers.CONSTANTS_CACHE)(8) is not None


def test_examples_do_not_depend_on_what_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    literals = {10**12 + 7919 * number for number in range(1, 60)}
    name = f"literals_{uuid.uuid4().hex}"
    (tmp_path / f"{name}.py").write_text(f"LITERALS = {sorted(literals)}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.import_module(name)
    drawn: set[int] = set()

    @given(number=st.integers())
    def any_number(harness: object, number: int) -> None:
        """Every number is answered."""
        drawn.add(number)
        harness.client().get(f"/thing?{number}")  # type: ignore[attr-defined]

    @hypothesis.settings(max_examples=300, database=None, derandomize=True)
    @hypothesis.given(st.integers())
    def without_the_kit(number: int) -> None:
        plain.add(number)

    plain: set[int] = set()
    without_the_kit()
    verdict = ask(any_number, lambda: "thing", examples=300)
    before, plain = plain, set()
    without_the_kit()

    assert verdict.outcome is Outcome.PASS
    assert len(drawn) > 100
    assert not drawn & literals
    # Nor does a property of the project depend on the clauses that ran before it.
    assert plain == before
    # Else the test would show nothing.
    if importlib.util.find_spec("hypothesis.internal.constants_ast") is not None:
        assert plain & literals


def test_a_subject_draws_as_if_hypothesis_were_not_there() -> None:
    seen = []

    @given(number=st.integers())
    def names_differ(harness: object, number: int) -> None:
        """Each answer has a name of its own."""
        harness.client().get(f"/thing?{number}")  # type: ignore[attr-defined]

    verdict = ask(names_differ, lambda: seen.append(random.random()) or "thing")

    assert verdict.outcome is Outcome.PASS
    assert len(seen) > 10
    assert len(set(seen)) == len(seen)


def test_values_that_never_reach_the_application_are_no_pass() -> None:
    @given(text=st.text())
    def nothing(harness: object, text: str) -> None:
        """Every text comes back."""
        expect(harness.client().get("/thing").status == 200, "200", "another")  # type: ignore[attr-defined]

    verdict = ask(nothing, lambda: "thing")

    assert verdict.outcome is Outcome.UNTESTED
    assert "`text`" in verdict.reason


def test_values_that_reach_it_in_part_are_a_pass() -> None:
    @given(text=st.text(max_size=3), kind=st.sampled_from("ab"))
    def some(harness: object, text: str, kind: str) -> None:
        """Every kind is known."""
        answer = harness.client().get(f"/thing?kind={kind}")  # type: ignore[attr-defined]
        expect(answer.status == 200, "200", answer)

    assert ask(some, lambda: "thing").outcome is Outcome.PASS


def remembering() -> object:
    seen: list[str] = []

    def view() -> flask.typing.ResponseReturnValue:
        seen.append(flask.request.query_string.decode())
        # The third visitor of an app is refused, and nobody after that.
        return ("no", 403) if len(seen) == 3 else "thing"

    return view


def test_what_only_earlier_requests_lead_to_is_a_failure_where_a_new_app_shows_it_again() -> None:
    def create_app() -> flask.Flask:
        app = flask.Flask("shop")
        app.add_url_rule("/thing", "thing", remembering())  # type: ignore[arg-type]
        return app

    @example(text="x")
    @given(text=st.text("abc", min_size=1, max_size=3))
    def everybody(harness: object, text: str) -> None:
        """Everybody is let in."""
        answer = harness.client().get(f"/thing?{text}")  # type: ignore[attr-defined]
        expect(answer.status == 200, "200", answer)

    subject = Subject(create_app, patterns={"methodoverrides": {"route": "/thing"}})
    verdict = run_clause(clause(everybody), subject, Options(max_examples=20))

    assert verdict.outcome is Outcome.FAIL
    assert verdict.failure is not None
    assert "only after the requests before it" in verdict.failure.observed
    assert "403" in "".join(verdict.failure.trail)


def test_chance_stays_broken() -> None:
    calls = iter(range(10_000))

    @given(number=st.integers(0, 10**6))
    def steady(harness: object, number: int) -> None:
        """Every answer is the same."""
        answer = harness.client().get(f"/thing?{number}")  # type: ignore[attr-defined]
        expect(answer.status == 200, "200", answer)

    verdict = ask(steady, lambda: ("no", 403) if next(calls) == 5 else "thing")

    assert verdict.outcome is Outcome.BROKEN
    assert "or randomness" in verdict.reason


def test_a_cause_is_told_only_where_the_clause_saw_it() -> None:
    def unsure(harness: object) -> None:
        """The thing is there.

        Usual cause: nobody put it there.
        """
        answer = harness.client().get("/thing")  # type: ignore[attr-defined]
        expect(answer.status == 200, "200", answer)

    def sure(harness: object) -> None:
        """The thing is there."""
        answer = harness.client().get("/thing")  # type: ignore[attr-defined]
        expect(answer.status == 200, "200", answer, cause="somebody took it")

    def gone() -> tuple[str, int]:
        return "gone", 410

    causes = [ask(test, gone).failure.cause for test in (unsure, sure)]  # type: ignore[union-attr]
    assert causes == ["", "somebody took it"]


def test_an_explicit_example_is_shrunk_too() -> None:
    @example(words=[*"abcdefgh" * 5, "bad", "c", "worse"], more={"deep": [["x"], ["worse"]]})
    @given(words=st.just([]), more=st.just({}))
    def many_words(harness: object, words: list[str], more: dict[str, list[list[str]]]) -> None:
        """Words are answered."""
        client = harness.client()  # type: ignore[attr-defined]
        for word in words:
            page = client.get(f"/thing?{word}")
        expect("worse" not in words, "no worse word", "a worse word")
        expect(not words or page.text == "thing", "the thing", page.text)

    def view() -> str:
        return "another" if "bad" in flask.request.args else "thing"

    failure = ask(many_words, view).failure

    assert failure is not None
    assert failure.example == "words=['worse'], more={'deep': []} (an explicit example)"
    assert failure.trail == ("GET /thing?worse -> 200 5 bytes of HTML 'thing'",)
    assert failure.expected == "no worse word"


def test_an_example_is_told_by_what_its_indices_choose() -> None:
    @given(index=st.integers(7, 7), indices=st.just([3, 5]), number=st.just(1))
    def words(harness: object, index: int, indices: list[int], number: int) -> None:
        """Words are answered."""
        word = harness.choose(["one", "two"], index=index)  # type: ignore[attr-defined]
        more = harness.choose_all(["a", "b", "c"], indices=indices)  # type: ignore[attr-defined]
        page = harness.client().get(f"/thing?{word}{number}")  # type: ignore[attr-defined]
        expect(page.text == "".join(more), "the words", page.text)

    failure = ask(words, lambda: "thing").failure

    assert failure is not None
    assert failure.example == "index='two', indices=['a', 'c'], number=1"
