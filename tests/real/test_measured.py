"""What was measured of the survey keeps its promises."""

from __future__ import annotations

import json

from conformance.survey.crawl import SAFE

from .measured import FILE, REFERENCE, share

KEPT = json.loads(FILE.read_text())


def test_a_survey_with_nothing_typed_changed_nothing() -> None:
    sent = {
        method
        for name, each in KEPT.items()
        if name != REFERENCE
        for method in each["ways"].get("nothing", {}).get("requests", ())
    }

    assert sent
    assert sent <= set(SAFE)


def test_flaskr_is_asked_much_with_nothing_typed() -> None:
    assert KEPT["flaskr"]["ways"]["nothing"]["asked"] >= 60


def test_flaskr_is_asked_more_with_its_own_tests() -> None:
    assert KEPT["flaskr"]["ways"]["tests"]["asked"] >= 100


def test_most_of_what_a_person_typed_is_found() -> None:
    found, typed = share(KEPT)

    assert found >= 0.7 * typed


def test_most_of_what_binds_the_reference_is_found() -> None:
    reference = KEPT[REFERENCE]

    assert len(reference["found"]) >= 0.6 * len(reference["keys"])
