"""How a subject exposes its tasks, and how long things may take."""

from __future__ import annotations

from collections.abc import Sequence

from ...subject.config import Binding, Component, Route

#: Celery's names for the states of a task that is over.
OVER = ("SUCCESS", "FAILURE", "REVOKED")

#: Seconds in which a request is answered though what it needs is away.
BOUND = 10.0

#: Seconds that libraries for real brokers may try again before a request is answered.
TRIES = 30.0

#: Seconds in which a real worker is through with a task, its broker's delays included.
LONG = 20.0


class Celery(Binding):
    """How a subject exposes its tasks."""

    celery_init_app: Component = None
    """What makes a Celery app of a Flask app, called with `(flask_app)`."""
    celery_app: Component = None
    """The Celery app, where it is not in `app.extensions["celery"]`."""
    start: Route | None = None
    """A route that starts a task and answers with its id."""
    numbers: Sequence[str] = ()
    """Fields of `start` that take any whole number."""
    expected: Component = "operator:add"
    """What the task makes of those numbers, called with them."""
    result: Route | None = None
    """The page of a result, with `{id}` in its path; without it the Location header leads there."""
    id: str = "result_id"
    """The key of the id in the JSON answer of `start`."""
    ready: str = "ready"
    """The key that says whether the task is over."""
    successful: str = "successful"
    """The key that says whether it ended without an error."""
    state: str | None = None
    """The key with Celery's name of the state, where an answer has that instead of these two."""
    value: str = "value"
    """The key of the task's value."""
    error: str | None = None
    """The key of the text about an error; that of the value unless told otherwise."""
    submit: Route | None = None
    """A route that stores something and starts a task that works on it."""
    submit_fail: Route | None = None
    """A route that stores the same once more, fails, and starts nothing."""
    field: str = "name"
    """The field of `submit` that takes a text of its own each time."""
    stored: Component = None
    """Whether what a task of `submit` needs is stored, called with the task's arguments."""
    effects: Component = None
    """What the tasks of `submit` have done so far, called with `()`: a list, an item for each."""
    worker: str | None = None
    """What the worker command is pointed at: the name after `celery -A`."""
