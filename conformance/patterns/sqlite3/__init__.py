"""Using SQLite 3 with Flask: one connection per context, opened on demand and closed at its end."""

from __future__ import annotations

from .. import Pattern
from .binding import BAD, COLUMN, GOOD, IDLE, TABLE, SQLite3
from .component import SQLite3Component
from .harness import Direct, Planned, SQLite3Harness, end
from .routes import SQLite3Routes
from .watch import by_name, current_g, is_closed, value_of

__all__ = [
    "BAD",
    "COLUMN",
    "GOOD",
    "IDLE",
    "TABLE",
    "Direct",
    "Planned",
    "SQLite3Harness",
    "by_name",
    "current_g",
    "end",
    "is_closed",
    "pattern",
    "value_of",
]


pattern = Pattern(
    slug="sqlite3",
    title="Using SQLite 3 with Flask",
    sections={
        "": "Using SQLite 3 with Flask",
        "connect-on-demand": "Connect on Demand",
        "easy-querying": "Easy Querying",
        "initial-schemas": "Initial Schemas",
    },
    binding=SQLite3,
    harnesses=(SQLite3Component, SQLite3Routes),
)
