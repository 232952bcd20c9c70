"""Application Factories: a function that creates the app, as often as it is called."""

from __future__ import annotations

from .. import Pattern
from .apps import (
    OWN,
    PROBE,
    pages_of,
    plain,
    registries,
    rules,
    same_setting,
    shared,
    stands_in,
)
from .binding import AppFactories
from .harness import DETECTED, FEW, MANY, AppFactoriesHarness
from .questions import (
    Effects,
    creation_without_file,
    found_over_the_command_line,
    setting_over_the_command_line,
    wanted,
)

__all__ = [
    "DETECTED",
    "FEW",
    "MANY",
    "OWN",
    "PROBE",
    "AppFactoriesHarness",
    "Effects",
    "creation_without_file",
    "found_over_the_command_line",
    "pages_of",
    "pattern",
    "plain",
    "registries",
    "rules",
    "same_setting",
    "setting_over_the_command_line",
    "shared",
    "stands_in",
    "wanted",
]


pattern = Pattern(
    slug="appfactories",
    title="Application Factories",
    sections={
        "": "Application Factories",
        "basic-factories": "Basic Factories",
        "factories-extensions": "Factories & Extensions",
        "using-applications": "Using Applications",
        "factory-improvements": "Factory Improvements",
    },
    of_factory=True,
    binding=AppFactories,
    harnesses=(AppFactoriesHarness,),
    implied=True,
)
