"""Urlaubsplanung für kleine Betriebe."""

__version__ = "2026.1"
