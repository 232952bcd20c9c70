"""View Decorators: views that require a login, cached views, templated views, endpoints."""

from __future__ import annotations

from .. import Pattern
from .binding import ViewDecorators
from .component import ViewDecoratorsComponent
from .harness import (
    CachedViews,
    Rules,
    SiteLogin,
    TemplatedViews,
    ViewDecoratorsHarness,
    Wearing,
    place,
)
from .host import KEYS, PLACES, RETURNED, STREAMED, STREAMS
from .routes import ViewDecoratorsRoutes

__all__ = [
    "KEYS",
    "PLACES",
    "RETURNED",
    "STREAMED",
    "STREAMS",
    "CachedViews",
    "Rules",
    "SiteLogin",
    "TemplatedViews",
    "ViewDecoratorsHarness",
    "Wearing",
    "pattern",
    "place",
]


pattern = Pattern(
    slug="viewdecorators",
    title="View Decorators",
    sections={
        "": "View Decorators",
        "login-required-decorator": "Login Required Decorator",
        "caching-decorator": "Caching Decorator",
        "templating-decorator": "Templating Decorator",
        "endpoint-decorator": "Endpoint Decorator",
    },
    binding=ViewDecorators,
    harnesses=(ViewDecoratorsComponent, ViewDecoratorsRoutes),
)
