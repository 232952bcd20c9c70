"""SQLAlchemy in Flask: one session per context; what is committed is stored, nothing else."""

from __future__ import annotations

from .. import Pattern
from .binding import ENDINGS, SQLAlchemy
from .component import ComponentOnMariaDB, ComponentOnPostgreSQL, SQLAlchemyComponent
from .databases import deprecations, made_lately, same_database, scalar_defaults
from .harness import Direct, Shown, SQLAlchemyHarness
from .routes import RoutesOnMariaDB, RoutesOnPostgreSQL, SQLAlchemyRoutes

__all__ = [
    "ENDINGS",
    "Direct",
    "SQLAlchemyHarness",
    "Shown",
    "deprecations",
    "made_lately",
    "pattern",
    "same_database",
    "scalar_defaults",
]


pattern = Pattern(
    slug="sqlalchemy",
    title="SQLAlchemy in Flask",
    sections={
        "": "SQLAlchemy in Flask",
        "flask-sqlalchemy-extension": "Flask-SQLAlchemy Extension",
        "declarative": "Declarative",
        "manual-object-relational-mapping": "Manual Object Relational Mapping",
        "sql-abstraction-layer": "SQL Abstraction Layer",
    },
    binding=SQLAlchemy,
    harnesses=(
        SQLAlchemyComponent,
        SQLAlchemyRoutes,
        ComponentOnPostgreSQL,
        RoutesOnPostgreSQL,
        ComponentOnMariaDB,
        RoutesOnMariaDB,
    ),
)
