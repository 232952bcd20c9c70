"""The reference: one application factory, and a module for each pattern that reads well alone."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from flask import Flask

from . import (
    appdispatch,
    appfactories,
    caching,
    celery,
    deferredcallbacks,
    favicon,
    fileuploads,
    flashing,
    interactions,
    javascript,
    lazyloading,
    methodoverrides,
    mongoengine,
    requestchecksum,
    singlepageapplications,
    sqlalchemy,
    sqlite3,
    streaming,
    subclassing,
    templateinheritance,
    urlprocessors,
    viewdecorators,
    wtforms,
)

#: In alphabetical order; each has an `init_app`. `packages` is none: it is a project of its own.
PATTERNS = (
    appdispatch,
    appfactories,
    caching,
    celery,
    deferredcallbacks,
    favicon,
    fileuploads,
    flashing,
    interactions,
    javascript,
    lazyloading,
    methodoverrides,
    mongoengine,
    requestchecksum,
    singlepageapplications,
    sqlalchemy,
    sqlite3,
    streaming,
    subclassing,
    templateinheritance,
    urlprocessors,
    viewdecorators,
    wtforms,
)


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Make an application with every pattern; `config` overrides the defaults."""
    app = subclassing.OrderedFlask(__name__)
    app.config.from_pyfile("defaults.cfg")
    app.config.from_mapping(
        # A key that every worker shares belongs into the environment or the instance's
        # configuration; without one each instance has its own.
        SECRET_KEY=secrets.token_hex(),
    )
    app.config.from_prefixed_env()
    app.config.from_mapping(config or {})
    for pattern in PATTERNS:
        pattern.init_app(app)
    return app
