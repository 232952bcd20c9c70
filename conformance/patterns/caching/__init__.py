"""Caching: the results of slow work are kept for some time, for whom they were made."""

from __future__ import annotations

from .. import Pattern
from .binding import FAILURES, OUTAGES, Caching
from .component import CachingComponent, ComponentOnRedis
from .harness import (
    CachingHarness,
    Changing,
    Memoizing,
    Outdating,
    Store,
    Twins,
    with_defaults,
)
from .routes import CachingRoutes, RoutesOnRedis

__all__ = [
    "FAILURES",
    "OUTAGES",
    "CachingHarness",
    "Changing",
    "Memoizing",
    "Outdating",
    "Store",
    "Twins",
    "pattern",
    "with_defaults",
]


pattern = Pattern(
    slug="caching",
    title="Caching",
    sections={"": "Caching"},
    binding=Caching,
    harnesses=(CachingComponent, CachingRoutes, ComponentOnRedis, RoutesOnRedis),
)
