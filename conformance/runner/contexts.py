"""Contexts that were pushed before a clause, which would hide what it looks for."""

from __future__ import annotations

import sys
import traceback

from ..core.errors import AmbientContextError


class _ContextWatch:
    """Remembers where app contexts were pushed."""

    def __init__(self) -> None:
        self.last = "before the run started"

    def __call__(self, sender: object, **values: object) -> None:
        skipped = ("flask", "werkzeug", "blinker", "contextlib", "conformance")
        for frame in reversed(traceback.extract_stack()[:-1]):
            parts = frame.filename.replace("\\", "/").split("/")
            if not any(part.removesuffix(".py") in skipped for part in parts[-3:]):
                self.last = f"by {'/'.join(parts[-2:])}:{frame.lineno} in {frame.name}"
                return


_watch = _ContextWatch()


def watch_contexts() -> None:
    """Record from now on who pushes app contexts, so that an ambient one can be traced."""
    import flask

    flask.appcontext_pushed.connect(_watch)


def refuse_ambient_context() -> None:
    """Raise `AmbientContextError` if a request or app context is active here."""
    flask = sys.modules.get("flask")
    if flask is None or not (flask.has_app_context() or flask.has_request_context()):
        return
    kind = "a request" if flask.has_request_context() else "an app"
    raise AmbientContextError(
        f"{kind} context is already active, pushed {_watch.last}: it would hide what the "
        "clauses look for; run the clauses without it (pytest-flask: without its `app` fixture)"
    )
