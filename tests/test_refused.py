"""What an application refuses is drawn anew, and is no mistake as long as plain values are taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask
import pytest

from conformance import Outcome, Subject, run_clause
from conformance.clause import given, must
from conformance.core.verdict import Verdict
from conformance.instruments.values import shows
from conformance.runner.engine import Options
from conformance.suites.catalogue import find_clause

from .mutants.interactions import BINDING, shop
from .proof import variants

PAGE = """<!doctype html>{% for text in get_flashed_messages() %}<p>{{ text }}</p>{% endfor %}
  <form method="post"><input name="text"></form>"""


def board(takes: Callable[[str], bool], refusal: Callable[[], Any]) -> Subject:
    """Make the subject of a form that takes some texts alone."""

    def create_app() -> flask.Flask:
        app = flask.Flask("board")
        app.secret_key = "board"

        @app.route("/", methods=["GET", "POST"])
        def index() -> Any:
            if flask.request.method == "GET":
                return flask.render_template_string(PAGE)
            if not takes(flask.request.form["text"]):
                return refusal()
            flask.flash(flask.request.form["text"])
            return flask.redirect("/")

        return app

    notice = {"method": "POST", "path": "/"}
    return Subject(app=create_app, patterns={"flashing": {"page": "/", "notice": notice}})


def ask(subject: Subject, name: str = "order-and-all") -> Verdict:
    return run_clause(find_clause(f"flashing.{name}"), subject, Options(max_examples=20))


def again() -> Any:
    return flask.render_template_string(PAGE)


@pytest.mark.parametrize(
    "refusal", [lambda: ("No.", 422), again, lambda: flask.flash("No.") or flask.redirect("/")]
)
def test_a_text_that_is_refused_is_drawn_anew(refusal: Callable[[], Any]) -> None:
    verdict = ask(board(lambda text: text.isascii() and text.isalnum(), refusal))

    assert verdict.outcome is Outcome.PASS


def test_where_each_drawn_text_is_refused_the_clause_is_untested_and_says_so() -> None:
    verdict = ask(board(lambda text: "aplainkq" in text, lambda: ("No.", 422)))

    assert verdict.outcome is Outcome.UNTESTED
    assert verdict.reason.startswith("patterns.flashing.notice: 'kq")
    assert "is refused (422" in verdict.reason
    assert verdict.reason.endswith("and a plain text is accepted")


def test_where_a_plain_text_is_refused_the_key_is_wrong() -> None:
    verdict = ask(board(lambda text: False, lambda: ("No.", 422)))

    assert verdict.outcome is Outcome.BROKEN
    assert "plain" in verdict.reason
    assert "is refused: 422" in verdict.reason


def test_what_reaches_nothing_names_the_keys_that_are_not_bound() -> None:
    from hypothesis import strategies as st

    @must("")
    @given(text=st.text())
    def test_sends_nothing_of_it(flashing: Any, text: str) -> None:
        """What is drawn goes nowhere."""
        if flashing.binding.notice is None:
            flashing.read(flashing.client())

    clause = test_sends_nothing_of_it.__clause__
    object.__setattr__(clause, "pattern", "flashing")
    subject = board(lambda text: True, again)
    bound = subject.patterns["flashing"].model_copy(update={"notice": None})

    verdict = run_clause(clause, Subject(app=subject.app, patterns={"flashing": bound}), Options())

    assert verdict.outcome is Outcome.UNTESTED
    assert verdict.reason.endswith("the same each time, without patterns.flashing.notice")
    assert [each.name for each in verdict.missing] == ["patterns.flashing.notice"]


@pytest.mark.parametrize(
    "body",
    [
        b"<p>O&#39;Neill &amp; Co</p>",
        b"<p>O'Neill  &amp;\n Co</p>",
        b'<script>let name = "O\\u0027Neill \\u0026 Co"</script>',
        b'{"name": "O\'Neill & Co"}',
    ],
)
def test_a_name_is_shown_however_it_is_spelled(body: bytes) -> None:
    assert shows(body, "O'Neill & Co")
    assert not shows(body, "O'Neil & Co")


def test_a_nested_mount_that_is_no_flask_app_is_named() -> None:
    (made,) = [each for each in variants("appdispatch") if each.name == "one_app_at_two_prefixes"]

    verdict = run_clause(find_clause("appdispatch.longest-prefix"), made.make(), Options())

    assert verdict.outcome is Outcome.UNTESTED
    assert verdict.reason.startswith("/shop/plain, a mount below another, does not lead to a Flask")


def test_a_stream_alone_is_asked_what_a_client_leaves_that_disconnects() -> None:
    bound = {"stream": BINDING["stream"]}
    subject = Subject(app=shop().app, patterns={"interactions": bound})

    verdict = run_clause(find_clause("interactions.disconnect-stream"), subject, Options())

    assert verdict.outcome is Outcome.PASS, verdict.reason
