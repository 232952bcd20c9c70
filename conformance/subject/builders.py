"""The functions that build URLs, compiled once for all apps that have the same rules.

Werkzeug compiles two for each rule of an app, which is most of what it takes to make one; and
clauses make the same app again and again. What a function does follows from the text of its rule.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

#: How many functions are kept.
KEPT = 20_000

#: Of Werkzeug's own, which has no public switch; `tests/test_builders.py` fails where it changes.
_NAME = "_compile_builder"

_lock = threading.Lock()
_entered = 0
_usual: Callable[..., Any] | None = None
_kept: dict[tuple[object, ...], Any] = {}


@contextlib.contextmanager
def shared_builders() -> Iterator[None]:
    """Share the functions among the apps that are made while the block runs, in any thread."""
    from werkzeug.routing import Rule

    global _entered, _usual
    with _lock:
        if not _entered:
            _usual = Rule.__dict__.get(_NAME)
            if _usual is not None:
                setattr(Rule, _NAME, _shared(Rule, _usual))
        _entered += 1
    try:
        yield
    finally:
        with _lock:
            _entered -= 1
            if not _entered and _usual is not None:
                setattr(Rule, _NAME, _usual)


def _shared(kind: type, usual: Callable[..., Any]) -> Callable[..., Any]:
    def compiled(rule: Any, append_unknown: bool = True) -> Any:
        # With defaults, a converter of the subject is called for each; a class of the subject's
        # own may do what it likes.
        if rule.defaults or type(rule) is not kind or not hasattr(rule, "_trace"):
            return usual(rule, append_unknown)
        # Older versions encode with the map's character set.
        charset = getattr(rule.map, "charset", None)
        key = (rule.rule, tuple(rule._trace), charset, append_unknown)
        function = _kept.get(key)
        if function is None:
            function = usual(rule, append_unknown)
            if len(_kept) < KEPT:
                _kept[key] = function
        return function

    return compiled
