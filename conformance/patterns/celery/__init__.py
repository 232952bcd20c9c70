"""Background Tasks with Celery: long work runs in a worker, in the app's context."""

from __future__ import annotations

from .. import Pattern
from .abilities import Addressing, Configuring, Employing, Report, Reporting, Starting, Submitting
from .binding import BOUND, LONG, TRIES, Celery
from .component import CeleryComponent
from .harness import CeleryHarness
from .routes import CeleryRoutes

__all__ = [
    "BOUND",
    "LONG",
    "TRIES",
    "Addressing",
    "CeleryHarness",
    "Configuring",
    "Employing",
    "Report",
    "Reporting",
    "Starting",
    "Submitting",
    "pattern",
]


pattern = Pattern(
    slug="celery",
    title="Background Tasks with Celery",
    sections={
        "": "Background Tasks with Celery",
        "integrate-celery-with-flask": "Integrate Celery with Flask",
        "application-factory": "Application Factory",
        "defining-tasks": "Defining Tasks",
        "calling-tasks": "Calling Tasks",
        "getting-results": "Getting Results",
        "passing-data-to-tasks": "Passing Data to Tasks",
    },
    binding=Celery,
    harnesses=(CeleryComponent, CeleryRoutes),
)
