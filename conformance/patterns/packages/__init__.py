"""Large Applications as Packages: an app is one importable folder, and an installable project."""

from .harness import Look, PackagesHarness, pattern

__all__ = ["Look", "PackagesHarness", "pattern"]
