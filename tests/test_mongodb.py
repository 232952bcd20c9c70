"""Without a server that is named, no clause asks the one that the subject names."""

from __future__ import annotations

import mongoengine
import pymongo
import pytest
from mongoengine.connection import disconnect, get_connection

from conformance import Options, Outcome, Subject, run_clause
from conformance.clause import Clause
from conformance.suites.catalogue import clauses_of

from .mutants.mongoengine import changed

#: Nothing listens there.
NOWHERE = "mongodb://127.0.0.1:9"


class Product(mongoengine.Document):  # type: ignore[misc]
    """A class of a module that connects on import."""

    title = mongoengine.StringField(required=True)
    meta = {"db_alias": "shop"}  # noqa: RUF012


@pytest.mark.parametrize("clause", clauses_of("mongoengine"), ids=lambda clause: clause.id)
def test_a_connection_that_was_made_before_is_not_used(clause: Clause) -> None:
    subject = changed(lambda app: None)
    # With MongoEngine's default for a server, as the clause will.
    subject.app()

    verdict = run_clause(clause, subject, Options(max_examples=2))

    # A clause that wants the class itself is untested on routes; none may fail or be broken.
    assert verdict.outcome in (Outcome.PASS, Outcome.UNTESTED), verdict


def test_a_connection_of_the_subjects_own_is_there_afterwards() -> None:
    mongoengine.connect("shop", alias="shop", host=NOWHERE, uuidRepresentation="standard")
    subject = Subject(patterns={"mongoengine": {"document": Product}})

    verdicts = [
        run_clause(clause, subject, Options(max_examples=2)) for clause in clauses_of("mongoengine")
    ]

    assert not [each for each in verdicts if each.outcome is Outcome.BROKEN]
    assert isinstance(get_connection("shop"), pymongo.MongoClient)
    disconnect("shop")
