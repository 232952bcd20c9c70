"""Finds the function that hashes a request's body as it is read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import flask

from ..survey import Survey
from ..survey.facts import parameters_of
from . import Finding

SLUG = "requestchecksum"

BODY = b"text=kq7+body&more=1"
ALGORITHMS = ("sha256", "sha1", "md5", "sha512", "sha384", "sha224", "blake2b", "sha3_256")


def find(survey: Survey) -> Iterator[Finding]:
    """Yield a function of a request whose hash object has the digest of the body sent."""
    for thing in survey.facts.functions():
        parameters = parameters_of(thing.value) or []
        if len(parameters) != 1 or parameters[0].name not in ("request", "req", "environ"):
            continue
        digest = survey.trial(_digest, thing.value)
        names = [name for name in ALGORITHMS if hashlib.new(name, BODY).hexdigest() == digest]
        if names:
            text = f"for a form it returned the {names[0]} of the body, which could still be read"
            yield Finding(SLUG, "generate_checksum", thing.reference, text)
            yield Finding(SLUG, "algorithm", names[0], "the digest that it returned")
            return


def _digest(function: Any) -> str:
    host = flask.Flask("conformance_host")
    found: list[str] = []

    def view() -> str:
        checksum = function(flask.request)
        text = flask.request.form.get("text", "")
        found.append(str(checksum.hexdigest()))
        return text

    host.add_url_rule("/", "index", view, methods=["POST"])
    answer = host.test_client().post(
        "/", data=BODY, content_type="application/x-www-form-urlencoded"
    )
    return found[0] if found and answer.text == "kq7 body" else ""
