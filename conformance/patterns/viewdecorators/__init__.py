"""View Decorators: a login that views ask for, cached views, templated views, endpoints."""

from .harness import (
    KEYS,
    PLACES,
    RETURNED,
    STREAMED,
    STREAMS,
    ViewDecoratorsHarness,
    pattern,
    place,
)

__all__ = [
    "KEYS",
    "PLACES",
    "RETURNED",
    "STREAMED",
    "STREAMS",
    "ViewDecoratorsHarness",
    "pattern",
    "place",
]
