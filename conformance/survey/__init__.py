"""What is known of a subject without being told: facts of its live app, and exchanges with it."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import flask

from ..core.errors import ConformanceError, NotObserved, OutOfTime, SubjectError
from ..instruments.bench import Bench
from ..subject import Subject
from ..subject.guest import Refused, current
from ..subject.guest.isolation import own_places
from ..transports import TRANSPORTS
from .crawl import Crawl
from .exchanges import Exchange, Listener
from .facts import Facts

__all__ = ["Crawl", "Exchange", "Facts", "Listener", "Survey", "open_survey"]

#: Seconds that a survey takes at the most, beyond what importing and building the app take.
SECONDS = 20.0

#: Seconds that one request, or one trial, may take.
PATIENCE = 2.0

#: A context manager that raises `OutOfTime` in its block after some seconds.
Limit = Callable[[float], AbstractContextManager[Any]]


def _unlimited(seconds: float) -> AbstractContextManager[None]:
    return contextlib.nullcontext()


class Survey:
    """An app of a subject, what it shows of itself, and what trials may do with it."""

    def __init__(
        self, bench: Bench, app: flask.Flask, *, seconds: float = SECONDS, limit: Limit = _unlimited
    ) -> None:
        self.bench = bench
        self.subject: Subject = bench.subject
        self.app = app
        #: Settings that give each app places of its own, and why, by key.
        self.config: dict[str, Any] = {}
        self.deadline = time.monotonic() + seconds
        self.limit = limit
        self.facts = Facts(app, self.subject)
        self.crawl = Crawl(app, self.facts, deadline=self.deadline, limit=limit)
        self._others: list[Crawl] = []
        #: Whether a detector's own fault is raised, rather than noted in `trouble`.
        self.strict = False
        #: What detectors raised, by pattern.
        self.trouble: dict[str, str] = {}

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return self.deadline - time.monotonic()

    @property
    def methods(self) -> Counter[str]:
        """How many requests were sent, by method."""
        return sum((each.methods for each in (self.crawl, *self._others)), Counter())

    @functools.cached_property
    def pages(self) -> list[Exchange]:
        """What a visitor without a login got from the app's pages, each path once."""
        self.crawl.run()
        return [each for each in self.crawl.exchanges if each.method == "GET"]

    def another(self, **config: object) -> Crawl | None:
        """Return a crawl, not yet run, of another new app with some settings; None if none is made.

        It is for trials: each of its requests counts as the survey's.
        """
        if self.left <= 0 or not self.subject.target().factory:
            return None
        app = self.trial(lambda: self.bench.build(**config))
        if not isinstance(app, flask.Flask):
            return None
        crawl = Crawl(app, self.facts, deadline=self.deadline, limit=self.limit)
        self._others.append(crawl)
        return crawl

    def trial(self, function: Callable[..., object], *args: object) -> Any:
        """Return what a function gives, called with `args`; None where it raises or takes long."""
        if self.left <= 0:
            return None
        try:
            with self.limit(min(PATIENCE, max(self.left, 0.1))):
                return function(*args)
        except (Exception, OutOfTime, NotObserved, ConformanceError, Refused, SystemExit):
            return None


@contextlib.contextmanager
def open_survey(
    subject: Subject, *, seconds: float = SECONDS, patience: float = 60.0, limit: Limit = _unlimited
) -> Iterator[Survey | None]:
    """Build an app of a subject within `patience` seconds, and give its `Survey`.

    None where it is not a Flask app. Raises `SubjectError` where the app cannot be built, or
    leads to what existed before the run.
    """
    bench = Bench(subject, TRANSPORTS["wsgi"])
    with contextlib.closing(bench):
        try:
            with limit(patience):
                app = bench.build()
        except OutOfTime:
            raise SubjectError(f"{subject.name} could not be built within {patience:g} s") from None
        own = {} if (guest := current()) is None else own_places(guest, subject, app)
        if own:
            # With its settings alone, and any others for trials on top.
            bench.subject = dataclasses.replace(subject, config={**own, **subject.config})
            try:
                app = bench.build()
            except SubjectError:
                # Then the guest says what has to be typed.
                own, bench.subject = {}, subject
        if guest is not None:
            target = subject.target()
            guest.look(app, list(subject.patterns), target.found if target.factory else None)
        if isinstance(app, flask.Flask):
            survey = Survey(bench, app, seconds=seconds, limit=limit)
            survey.config = own
            yield survey
        else:
            yield None
