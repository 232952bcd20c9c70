"""Hypothesis strategies and the state machine base that suites share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, cast

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine


class HasExamples(Protocol):
    """What a state machine needs of a harness: each run is a separate example."""

    def begin_example(self, values: Mapping[str, object] | None = None) -> None:
        """Start an example of the ledger."""


class Machine(RuleBasedStateMachine):
    """A state machine over a harness; each run is an example of the ledger."""

    def __init__(self, harness: HasExamples) -> None:
        super().__init__()
        self.harness = harness
        harness.begin_example()


def cased(word: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return words in random letter case."""

    def flip(drawn: tuple[str, list[bool]]) -> str:
        text, flips = drawn
        return "".join(
            char.upper() if up else char.lower() for char, up in zip(text, flips, strict=False)
        )

    return word.flatmap(
        lambda text: st.tuples(
            st.just(text), st.lists(st.booleans(), min_size=len(text), max_size=len(text))
        )
    ).map(flip)


def bodies(min_size: int = 0, max_size: int = 2000) -> st.SearchStrategy[bytes]:
    """Return request bodies: any bytes."""
    return st.binary(min_size=min_size, max_size=max_size)


def header_values(max_size: int = 40) -> st.SearchStrategy[str]:
    """Return valid header values: visible ASCII with inner spaces."""
    return st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=max_size).map(
        str.strip
    )


def lines(max_size: int = 60) -> st.SearchStrategy[str]:
    """Return single-line text as a person could type it into a field: no control characters."""
    return st.text(
        st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Cn", "Co")), max_size=max_size
    )


def paths(max_segments: int = 4) -> st.SearchStrategy[str]:
    """Return percent-encoded paths with plain segments, starting with a slash."""
    segment = st.text("abcxyz019-_~", min_size=1, max_size=8)
    return st.lists(segment, max_size=max_segments).map(lambda parts: "/" + "/".join(parts))


def chunk_sizes() -> st.SearchStrategy[list[int]]:
    """Return chunk sizes for sending a body; the rest follows in one more chunk."""
    return st.lists(st.integers(1, 300), min_size=1, max_size=6)


def markup() -> st.SearchStrategy[str]:
    """Return text with a meaning to an HTML parser, and text without."""
    hostile = st.sampled_from(
        [
            "<script>alert(1)</script>",
            "</script><script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "' onmouseover='alert(1)",
            "x onload=alert(1)",
            "<!--",
            "]]>",
            "&lt;b&gt;",
            "a & b < c > d \" e ' f",
            "{{ 7*7 }}",
        ]
    )
    return cast("st.SearchStrategy[str]", st.one_of(hostile, lines()))
