"""A worker's entry that knows none of the tasks: see `entry_without_tasks`."""

from __future__ import annotations

from celery import Celery

celery_app = Celery("shop", set_as_current=False)
