"""What is known of a subject without being told: facts of its live app, and exchanges with it."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import flask

from ..core.errors import ConformanceError, NotObserved, OutOfTime, SubjectError
from ..core.ledger import Ledger
from ..instruments.bench import Bench
from ..subject import Subject
from ..subject.config import Person
from ..subject.guest import Refused, current
from ..subject.guest.isolation import own_places
from ..transports import TRANSPORTS, Client, Request
from .crawl import SAFE, Crawl, does_something
from .exchanges import Exchange, Listener
from .facts import Facts

__all__ = ["Crawl", "Exchange", "Facts", "Listener", "Survey", "does_something", "open_survey"]

#: Seconds that a survey takes at the most, beyond what importing and building the app take;
#: and that it takes in addition where it also tries what was heard.
SECONDS = 20.0
SECONDS_MORE = 100.0

#: How many builds of the app a survey has time for beyond that, and the seconds for them at the
#: most: an app that takes a second to build is surveyed as deep as one that takes none.
BUILDS = 20
SECONDS_FOR_BUILDS = 100.0

#: Seconds that one request, or one trial, may take; and one that logs in or submits, as a hash
#: of a password takes its time.
PATIENCE = 2.0
PATIENCE_MORE = 20.0

#: A context manager that raises `OutOfTime` in its block after some seconds.
Limit = Callable[[float], AbstractContextManager[Any]]


def _unlimited(seconds: float) -> AbstractContextManager[None]:
    return contextlib.nullcontext()


class Survey:
    """An app of a subject, what it shows of itself, and what trials may do with it."""

    def __init__(
        self,
        bench: Bench,
        app: flask.Flask,
        *,
        seconds: float = SECONDS,
        limit: Limit = _unlimited,
        heard: Sequence[Exchange] = (),
        submits: bool = False,
        logins: Mapping[str, Mapping[str, str]] | None = None,
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
        #: What somebody else sent to the app: its own tests, or a person with a browser.
        self.heard = list(heard)
        #: Whether trials may send what changes something, to apps that are the survey's own.
        self.submits = submits
        #: The fields with which somebody logs in, by name, as typed for this survey.
        self.logins = dict(logins or {})
        #: The factory that a fixture calls, where it is one: typed, or found.
        self.factory: Any = self.subject.factory
        #: Who can log in, by name: typed, or found.
        self.people: dict[str, Person] = dict(self.subject.people)
        #: Whose session each exchange that was heard had, by its number in `heard`.
        self.whose: dict[int, str | None] = {}
        self._sent: Counter[str] = Counter()
        self._others: list[Crawl] = []
        #: Whether a detector's own fault is raised, rather than noted in `trouble`.
        self.strict = False
        #: What was found so far.
        self.findings: list[Any] = []
        #: What detectors raised, by pattern.
        self.trouble: dict[str, str] = {}

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return self.deadline - time.monotonic()

    @contextlib.contextmanager
    def share(self, part: float) -> Iterator[None]:
        """Leave the block a part of the time that is left, and the rest to what follows."""
        whole = self.deadline
        self.deadline = time.monotonic() + max(self.left, 0.0) * part
        try:
            yield
        finally:
            self.deadline = whole

    @property
    def methods(self) -> Counter[str]:
        """How many requests were sent, by method."""
        return sum((each.methods for each in (self.crawl, *self._others)), Counter(self._sent))

    @functools.cached_property
    def pages(self) -> list[Exchange]:
        """What a visitor without a login got from the app's pages, each path once."""
        visited = [each.target for each in self.heard if each.method == "GET" and each.status < 400]
        self.crawl.run([each for each in dict.fromkeys(visited) if not does_something(each)])
        return [each for each in self.crawl.exchanges if each.method == "GET"]

    @property
    def failed(self) -> list[Exchange]:
        """What a visitor asked for and got an error of the app's own instead."""
        sent = self.crawl.exchanges
        return [each for each in sent if each.method == "GET" and each.error and each.status >= 500]

    def visitor(self, app: flask.Flask | None = None) -> Client:
        """Return a new client of the app, or of another one; each request counts as the survey's.

        What it sends may change something only where the survey may: else it raises `Refused`.
        """
        client = Client(self.bench.serve(app or self.app), Ledger())
        client.attend = self._attend
        return client

    def _attend(self, client: Client, request: Request) -> None:
        if request.method not in SAFE and not (self.submits or self.logins):
            raise Refused(f"a survey sends no {request.method}")
        self._sent[request.method] += 1

    def another(self, **config: object) -> Crawl | None:
        """Return a crawl, not yet run, of another new app with some settings; None if none is made.

        It is for trials: each of its requests counts as the survey's.
        """
        if self.left <= 0 or not self.subject.target().factory:
            return None
        app = self.trial(lambda: self.bench.build(**config), seconds=PATIENCE_MORE)
        if not isinstance(app, flask.Flask):
            return None
        crawl = Crawl(app, self.facts, deadline=self.deadline, limit=self.limit)
        self._others.append(crawl)
        return crawl

    def new_app(self, **config: object) -> flask.Flask | None:
        """Return another new app with some settings; None if none is made.

        Where there is only one, that is what may be sent to, if anything may.
        """
        if not config and (self.submits or self.logins) and not self.subject.target().factory:
            return self.app
        crawl = self.another(**config)
        return crawl.app if crawl is not None else None

    def trial(
        self, function: Callable[..., object], *args: object, seconds: float = PATIENCE
    ) -> Any:
        """Return what a function gives, called with `args`; None where it raises or takes long."""
        if self.left <= 0:
            return None
        try:
            with self.limit(min(seconds, max(self.left, 0.1))):
                return function(*args)
        except (Exception, OutOfTime, NotObserved, ConformanceError, Refused, SystemExit):
            return None


@contextlib.contextmanager
def open_survey(
    subject: Subject,
    *,
    seconds: float = SECONDS,
    patience: float = 60.0,
    limit: Limit = _unlimited,
    heard: Sequence[Exchange] = (),
    submits: bool = False,
    logins: Mapping[str, Mapping[str, str]] | None = None,
) -> Iterator[Survey | None]:
    """Build an app of a subject within `patience` seconds, and give its `Survey`.

    `heard` is what others sent to it; with `submits`, trials may send what changes something;
    `logins` are the fields with which somebody logs in, by name.
    None where it is not a Flask app. Raises `SubjectError` where the app cannot be built, or
    leads to what existed before the run.
    """
    bench = Bench(subject, TRANSPORTS["wsgi"])
    with contextlib.closing(bench):
        started = time.monotonic()
        try:
            with limit(patience):
                app = bench.build()
        except OutOfTime:
            raise SubjectError(f"{subject.name} could not be built within {patience:g} s") from None
        cost = time.monotonic() - started
        own = {} if (guest := current()) is None else own_places(guest, subject, app)
        if own:
            # With its settings alone, and any others for trials on top.
            bench.subject = dataclasses.replace(subject, config={**own, **subject.config})
            started = time.monotonic()
            try:
                app = bench.build()
                cost = time.monotonic() - started
            except SubjectError:
                # Then the guest says what has to be typed.
                own, bench.subject = {}, subject
        if guest is not None:
            target = subject.target()
            guest.look(app, list(subject.patterns), target.found if target.factory else None)
        if isinstance(app, flask.Flask):
            survey = Survey(
                bench,
                app,
                seconds=seconds + min(BUILDS * cost, SECONDS_FOR_BUILDS),
                limit=limit,
                heard=heard,
                submits=submits,
                logins=logins,
            )
            survey.config = own
            yield survey
        else:
            yield None
