"""Why a clause could not be asked: each reason names what is missing, as it is."""

from __future__ import annotations

from conformance import Outcome, run_clause
from conformance.runner.engine import Options
from conformance.suites.catalogue import find_clause

from .proof import variants


def test_a_nested_mount_that_is_no_flask_app_is_named() -> None:
    (made,) = [v for v in variants("appdispatch") if v.name == "one_app_at_two_prefixes"]

    verdict = run_clause(find_clause("appdispatch.longest-prefix"), made.make(), Options())

    assert verdict.outcome is Outcome.UNTESTED
    assert verdict.reason.startswith("/shop/plain, a mount below another, does not lead to a Flask")
