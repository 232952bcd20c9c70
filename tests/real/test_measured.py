"""What was measured of the survey keeps its promises."""

from __future__ import annotations

import json

from conformance.survey.crawl import SAFE

from .measured import FILE

KEPT = json.loads(FILE.read_text())


def test_a_survey_with_nothing_typed_changed_nothing() -> None:
    sent = {
        method
        for each in KEPT.values()
        for method in each["ways"].get("nothing", {}).get("requests", ())
    }

    assert sent
    assert sent <= set(SAFE)


def test_flaskr_is_asked_much_with_nothing_typed() -> None:
    assert KEPT["flaskr"]["ways"]["nothing"]["asked"] >= 60
