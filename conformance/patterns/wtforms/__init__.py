"""Form Validation with WTForms: what a form accepts is stored once, the rest is shown again."""

from .harness import (
    INTRUDER,
    Breakage,
    FormPage,
    WTFormsHarness,
    intruders,
    keeps,
    lines_of,
    of_length,
    pattern,
)

__all__ = [
    "INTRUDER",
    "Breakage",
    "FormPage",
    "WTFormsHarness",
    "intruders",
    "keeps",
    "lines_of",
    "of_length",
    "pattern",
]
