"""SQLAlchemy in Flask: a session for each context; what is committed stays, nothing else."""

from .harness import ENDINGS, Shown, SQLAlchemyHarness, deprecations, pattern, same_database, shows

__all__ = [
    "ENDINGS",
    "SQLAlchemyHarness",
    "Shown",
    "deprecations",
    "pattern",
    "same_database",
    "shows",
]
