"""Caching: slow results are stored for some time and reused for the same request or call."""

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
    why_missed,
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
    "why_missed",
    "with_defaults",
]


pattern = Pattern(
    slug="caching",
    title="Caching",
    sections={"": "Caching"},
    binding=Caching,
    harnesses=(CachingComponent, CachingRoutes, ComponentOnRedis, RoutesOnRedis),
)
