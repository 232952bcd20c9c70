"""Form Validation with WTForms: accepted data is stored once, invalid data is shown again."""

from __future__ import annotations

from .. import Pattern
from .binding import WTForms
from .component import WTFormsComponent
from .harness import Attempt, Breakage, WTFormsHarness, is_entry, keeps, of_length
from .page import INTRUDER, FormPage, intruders, lines_of, place_of
from .routes import WTFormsRoutes

__all__ = [
    "INTRUDER",
    "Attempt",
    "Breakage",
    "FormPage",
    "WTFormsHarness",
    "intruders",
    "is_entry",
    "keeps",
    "lines_of",
    "of_length",
    "pattern",
    "place_of",
]


pattern = Pattern(
    slug="wtforms",
    title="Form Validation with WTForms",
    sections={
        "": "Form Validation with WTForms",
        "the-forms": "The Forms",
        "in-the-view": "In the View",
        "forms-in-templates": "Forms in Templates",
    },
    binding=WTForms,
    harnesses=(WTFormsRoutes, WTFormsComponent),
)
