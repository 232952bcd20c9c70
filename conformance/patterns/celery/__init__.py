"""Background Tasks with Celery: what takes long runs in a worker, in the app's context."""

from .harness import BOUND, LONG, TRIES, CeleryHarness, pattern

__all__ = ["BOUND", "LONG", "TRIES", "CeleryHarness", "pattern"]
