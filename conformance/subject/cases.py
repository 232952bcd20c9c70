"""Apps from a test case of `unittest`: what its `setUp` makes, each time anew."""

from __future__ import annotations

import contextvars
import unittest
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..core.errors import SubjectError
from ..core.told import telling
from .pins import pinned


class Case:
    """A test case's class, called as a factory would be; none of its tests is run."""

    def __init__(self, kind: type[unittest.TestCase]) -> None:
        self.kind = kind
        self.__name__ = kind.__qualname__
        self.__module__ = kind.__module__

    @property
    def remarks(self) -> list[str]:
        """What somebody should know of the apps that it gives."""
        return [f"each app is what a new {self.__name__} has after its setUp"]

    def make(
        self,
        folder: Callable[[], Path],
        closing: Callable[[Callable[[], object]], object],
        config: Mapping[str, Any],
    ) -> Any:
        """Return the app of a new test case, and hand over how to end it.

        `config` is what the app is configured with, whatever the case says. Raises
        `SubjectError` where it is skipped, and where it has no app after its `setUp`.
        """
        case = self.kind("run")
        context = contextvars.copy_context()

        def close() -> None:
            with telling(f"the end of {self.__name__}"):
                context.run(_end, case)

        closing(close)
        try:
            context.run(_begin, case, config)
        except unittest.SkipTest as skipped:
            raise SubjectError(f"{self.__name__} is skipped: {skipped}") from None
        for app in apps_of(case):
            return app
        raise SubjectError(f"{self.__name__} has no app, and no client of one, after its setUp")


def apps_of(case: object) -> Iterator[Any]:
    """Yield the Flask apps that a test case has, those of its clients too."""
    import flask
    import werkzeug.test

    for held in (*vars(case).values(), *vars(type(case)).values()):
        app = held.application if isinstance(held, werkzeug.test.Client) else held
        if isinstance(app, flask.Flask):
            yield app


def _begin(case: Any, config: Mapping[str, Any]) -> None:
    # Flask-Testing's cases make the app before `setUp`.
    with pinned(config):
        for name in ("setUpClass", "_pre_setup", "setUp"):
            getattr(case, name, _nothing)()


def _end(case: Any) -> None:
    for name in ("tearDown", "doCleanups", "_post_teardown", "tearDownClass", "doClassCleanups"):
        getattr(case, name, _nothing)()


def _nothing() -> None:
    pass
