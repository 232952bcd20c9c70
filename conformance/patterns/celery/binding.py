"""How a subject exposes its tasks, and how long things may take."""

from __future__ import annotations

from collections.abc import Sequence

from ...subject.config import Binding, Component, Route

#: Celery's names for the states of a finished task.
OVER = ("SUCCESS", "FAILURE", "REVOKED")

#: Seconds within which a request is answered although a service that it needs is down.
BOUND = 10.0

#: Seconds for which the clients of real brokers may retry before a request is answered.
TRIES = 30.0

#: Seconds within which a real worker finishes a task, including the broker's delays.
LONG = 20.0


class Celery(Binding):
    """How a subject exposes its tasks."""

    celery_init_app: Component = None
    """The function that creates a Celery app for a Flask app, called with `(flask_app)`."""
    celery_app: Component = None
    """The Celery app, if it is not in `app.extensions["celery"]`."""
    start: Route | None = None
    """A route that starts a task and responds with its id."""
    numbers: Sequence[str] = ()
    """Fields of `start` that accept any whole number."""
    expected: Component = "operator:add"
    """A function that returns the expected value of the task, called with those numbers."""
    result: Route | None = None
    """The result page, with `{id}` in its path; by default, the Location header leads there."""
    id: str = "result_id"
    """The key of the id in the JSON response of `start`."""
    ready: str = "ready"
    """The key that tells whether the task is finished."""
    successful: str = "successful"
    """The key that tells whether it finished without an error."""
    state: str | None = None
    """The key of Celery's state name, if a response has that instead of these two."""
    value: str = "value"
    """The key of the task's value."""
    error: str | None = None
    """The key of the text about an error; by default, that of the value."""
    submit: Route | None = None
    """A route that stores something and starts a task that works on it."""
    submit_fail: Route | None = None
    """A route that stores the same, but fails and starts no task."""
    field: str = "name"
    """The field of `submit` that takes a different text each time."""
    stored: Component = None
    """Whether the data that a task of `submit` needs is stored, called with its arguments."""
    effects: Component = None
    """What the tasks of `submit` have done so far, called with `()`: a list, one item each."""
    worker: str | None = None
    """The app of the worker command: the name after `celery -A`."""
