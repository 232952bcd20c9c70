"""Caching: the results of slow work are kept for some time, for whom they were made."""

from .harness import FAILURES, OUTAGES, CachingHarness, pattern

__all__ = ["FAILURES", "OUTAGES", "CachingHarness", "pattern"]
