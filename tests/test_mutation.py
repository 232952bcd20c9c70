"""The mutation tool: what its operators make, what its ledger excuses, and how a change is seen."""

from __future__ import annotations

import pytest

pytest.importorskip("cosmic_ray")

from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Example, Operator

from conformance import Options, run_clause
from conformance.suites.catalogue import find_clause

from .mutation.__main__ import Entry, Mutation, entry_for, ledger, modules, mutations
from .mutation.ask import asker, draws
from .mutation.operators import OWN, changes
from .proof import variants

EXAMPLES = [(operator, example) for operator in OWN for example in operator.examples()]


@pytest.mark.parametrize(("operator", "example"), EXAMPLES)
def test_an_operator_makes_of_code_what_its_example_says(
    operator: type[Operator], example: Example
) -> None:
    made = mutate_code(example.pre_mutation_code, operator(), example.occurrence)

    assert made == example.post_mutation_code


def test_changes_parse_differ_and_are_told_by_the_lines_that_differ() -> None:
    code = '"""A module."""\n\n\ndef size(rows: list[int]) -> int:\n    return len(rows) + 1\n'

    found = list(changes(code))

    assert len({each.code for each in found} | {code}) == len(found) + 1
    assert {each.line for each in found} == {5}
    assert {(each.operator, each.becomes) for each in found} >= {
        ("ReplaceBinaryOperator_Add_Sub", "return len(rows) - 1"),
        ("RemoveStatement", "pass"),
    }
    for each in found:
        compile(each.code, "changed", "exec")
        assert each.was == "return len(rows) + 1"
        assert each.becomes in each.code


def favicon() -> list[Mutation]:
    return list(mutations(["favicon"]))


def test_an_entry_names_what_all_its_globs_match_and_nothing_else() -> None:
    named = Entry(
        "why", module="favicon", operator="ChangeText", was="*Blueprint(*", becomes="*XX*"
    )
    excused = [each for each in favicon() if named.names(each)]

    assert [each.change.was for each in excused] == ['bp = Blueprint("favicon", __name__)']
    (each,) = excused
    for wrong in (
        {"module": "flashing"},
        {"operator": "RemoveStatement"},
        {"was": "Blueprint("},
        {"becomes": "pass"},
    ):
        assert not Entry("why", **wrong).names(each), wrong
        assert Entry("why").names(each)


def test_each_entry_of_the_ledger_names_something_and_gives_its_reason() -> None:
    made: dict[str, list[Mutation]] = {}

    for entry in ledger():
        assert entry.reason.endswith("."), entry
        assert entry != Entry(entry.reason), "without a glob an entry names everything"
        # Only these can have such lines: to make every change of the reference takes minutes.
        words = entry.was.split("*")
        for name, path in modules().items():
            if entry.module in ("*", name) and all(
                each in path.read_text("utf-8") for each in words
            ):
                if name not in made:
                    made[name] = list(mutations([name]))
                if any(entry.names(each) for each in made[name]):
                    break
        else:
            pytest.fail(f"it names nothing: {entry}")


def test_an_unknown_module_is_told_with_those_there_are() -> None:
    with pytest.raises(
        SystemExit, match=r"flavicon: no module of the reference; there are .*favicon"
    ):
        list(mutations(["flavicon"]))


def test_what_is_known_to_be_missed_excuses_nothing_that_another_entry_does_not() -> None:
    (each,) = [each for each in favicon() if each.change.becomes.endswith('"faviconXX", __name__)')]
    known, excuse = Entry("not seen yet", open=True), Entry("as right as before")

    assert entry_for(each, [known, excuse]) == excuse
    assert entry_for(each, [known]) == known
    assert entry_for(each, [Entry("elsewhere", module="flashing")]) is None


def test_a_change_that_breaks_the_reference_is_seen_and_one_that_does_not_is_missed() -> None:
    by_text = {each.change.becomes: each for each in favicon()}
    names = ['@bp.get("/favicon.icoXX")', 'bp = Blueprint("faviconXX", __name__)']

    with asker(examples=5) as copy:
        root = modules()["__init__"].parents[1]
        seen, missed = (
            copy.ask(each.path.relative_to(root), each.change.code, each.slugs)
            for each in map(by_text.__getitem__, names)
        )

    assert (seen.how, seen.by.partition(".")[0]) == ("failed", "favicon")
    assert (missed.how, missed.by) == ("missed", "")


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("viewdecorators.next-same-origin", True),
        ("viewdecorators.login-redirects-anonymous", True),
        ("viewdecorators.endpoint-bound", False),
    ],
)
def test_what_steps_a_machine_is_asked_with_all_examples_as_what_draws_values(
    name: str, drawn: bool
) -> None:
    subject, clause = variants("viewdecorators")[0].make(), find_clause(name)

    assert draws(run_clause(clause, subject, Options(max_examples=5)), clause, subject) is drawn
