"""The mutation tool: what its operators make, what its ledger excuses, and how a change is seen."""

from __future__ import annotations

import pytest

pytest.importorskip("cosmic_ray")

from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Example, Operator

from .mutation.__main__ import Entry, Mutation, ledger, modules, mutations
from .mutation.ask import Seen, ask
from .mutation.operators import OWN, changes

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


def test_an_entry_excuses_what_it_names_and_nothing_else() -> None:
    named = Entry(
        "why", module="favicon", operator="ChangeText", was="*Blueprint(*", becomes="*XX*"
    )
    excused = [each for each in favicon() if named.excuses(each)]

    assert [each.change.was for each in excused] == ['bp = Blueprint("favicon", __name__)']
    (each,) = excused
    for wrong in (
        {"module": "flashing"},
        {"operator": "RemoveStatement"},
        {"was": "Blueprint("},
        {"becomes": "pass"},
    ):
        assert not Entry("why", **wrong).excuses(each), wrong
        assert Entry("why").excuses(each)


def test_each_entry_of_the_ledger_excuses_something_and_gives_its_reason() -> None:
    for entry in ledger():
        # Only these can have such lines: to make every change of the reference takes minutes.
        words = entry.was.split("*")
        places = [
            name
            for name, path in modules().items()
            if entry.module in ("*", name)
            and all(word in path.read_text("utf-8") for word in words)
        ]
        assert entry.reason.endswith("."), entry
        assert entry != Entry(entry.reason), "an entry that names nothing excuses everything"
        assert any(entry.excuses(each) for each in mutations(places)), entry


def test_an_unknown_module_is_told_with_those_there_are() -> None:
    with pytest.raises(
        SystemExit, match=r"flavicon: no module of the reference; there are .*favicon"
    ):
        list(mutations(["flavicon"]))


def asked(mutation: Mutation) -> Seen:
    path = mutation.path.relative_to(modules()["__init__"].parents[1])
    return ask(path, mutation.change.code, mutation.slugs, 5)


def test_a_change_that_breaks_the_reference_is_seen_and_one_that_does_not_is_missed() -> None:
    by_text = {(each.change.operator, each.change.becomes): each for each in favicon()}
    seen = asked(by_text["ChangeText", '@bp.get("/favicon.icoXX")'])
    missed = asked(by_text["ChangeText", 'bp = Blueprint("faviconXX", __name__)'])

    assert (seen.how, seen.by.partition(".")[0]) == ("failed", "favicon")
    assert missed == Seen("missed", "")
