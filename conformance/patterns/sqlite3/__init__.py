"""Using SQLite 3 with Flask: a connection for each context that asks for one, closed at its end."""

from .harness import (
    BAD,
    COLUMN,
    GOOD,
    IDLE,
    TABLE,
    Planned,
    SQLite3Harness,
    by_name,
    current_g,
    end,
    is_closed,
    pattern,
    value_of,
)

__all__ = [
    "BAD",
    "COLUMN",
    "GOOD",
    "IDLE",
    "TABLE",
    "Planned",
    "SQLite3Harness",
    "by_name",
    "current_g",
    "end",
    "is_closed",
    "pattern",
    "value_of",
]
