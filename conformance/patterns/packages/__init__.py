"""Large Applications as Packages: an app is one importable folder, and an installable project."""

from __future__ import annotations

from .. import Pattern
from .binding import Look, Packages
from .harness import PackagesHarness

__all__ = ["Look", "PackagesHarness", "pattern"]


pattern = Pattern(
    slug="packages",
    title="Large Applications as Packages",
    sections={
        "": "Large Applications as Packages",
        "simple-packages": "Simple Packages",
        "working-with-blueprints": "Working with Blueprints",
    },
    of_factory=True,
    binding=Packages,
    harnesses=(PackagesHarness,),
)
