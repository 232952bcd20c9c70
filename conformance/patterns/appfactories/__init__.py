"""Application Factories: a function makes the app, as often as it is called."""

from .harness import (
    DETECTED,
    OWN,
    PROBE,
    AppFactoriesHarness,
    Effects,
    creation_without_file,
    effects_of_creation,
    effects_of_import,
    pattern,
    plain,
    rules,
    setting_over_the_command_line,
    shared,
    stands_in,
    wanted,
)

__all__ = [
    "DETECTED",
    "OWN",
    "PROBE",
    "AppFactoriesHarness",
    "Effects",
    "creation_without_file",
    "effects_of_creation",
    "effects_of_import",
    "pattern",
    "plain",
    "rules",
    "setting_over_the_command_line",
    "shared",
    "stands_in",
    "wanted",
]
