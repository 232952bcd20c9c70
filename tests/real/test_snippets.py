"""The docs' own snippets, bound as components: which clauses they fail, and nothing but those."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import Outcome
from tests.proof import found, unavailable
from tests.readme import read

from .snippets import SNIPPETS, Snippet, failure, table

# Pasted code may do what Python warns of: that is for a clause to find.
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore:coroutine:RuntimeWarning"
)


@pytest.fixture(scope="session")
def pages(flask_source: Path) -> Path:
    return flask_source / "docs" / "patterns"


@pytest.mark.parametrize(
    "snippet", SNIPPETS, ids=lambda each: f"{each.pattern}-{each.paste.__name__}"
)
def test_a_snippet_fails_what_is_known_of_it(snippet: Snippet, pages: Path) -> None:
    verdicts = snippet.verdicts(pages)
    asked = {name for name in snippet.fails if not unavailable(verdicts[name])}

    assert set(found(verdicts, Outcome.FAIL)) == asked, found(verdicts, Outcome.FAIL)
    assert not found(verdicts, Outcome.BROKEN)


def test_the_readme_shows_what_the_snippets_do(pages: Path) -> None:
    verdicts = [each for snippet in SNIPPETS for each in snippet.verdicts(pages).values()]
    if any("needs Chromium" in each.reason for each in verdicts):
        pytest.skip("what the README shows was seen with Chromium")

    assert read("snippets") == table(pages), "run: python -m tests.real.snippets"
    assert read("failure") == failure(pages), "run: python -m tests.real.snippets"
