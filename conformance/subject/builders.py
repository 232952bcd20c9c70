"""What makes another app of the same subject cheap: clauses make it again and again.

Werkzeug compiles two functions that build URLs for each rule of an app, which is most of what it
takes to make one: they are compiled once for all apps that have the same rules, as what one does
follows from the text of its rule. And nothing that an app is made of is garbage.
"""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Callable, Iterator
from typing import Any

#: How many functions are kept.
KEPT = 20_000

#: Objects of apps after which garbage is looked for, at the least: some ten apps, or one of a
#: thousand routes.
MADE = 150_000

#: Of Werkzeug's own, which has no public switch; `tests/test_builders.py` fails where it changes.
_NAME = "_compile_builder"

_lock = threading.Lock()
_entered = 0
_usual: Callable[..., Any] | None = None
_kept: dict[tuple[object, ...], Any] = {}

#: In how many blocks apps are being made, and whether Python looked for garbage before.
_making = 0
_looks = True
#: How many objects were made in such blocks since, and after how many garbage is looked for.
_made = 0
_due = MADE


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


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Let Python look for no garbage while apps are made in the block, in any thread.

    Afterwards it looks through all, each time that as many objects were made as are in use: left
    alone, it would keep the apps of hundreds of examples.
    """
    global _making, _looks, _made, _due
    with _lock:
        if not _making:
            _looks = gc.isenabled()
            gc.disable()
        _making += 1
    try:
        yield
    finally:
        with _lock:
            _making -= 1
            if not _making:
                _made += gc.get_count()[0]
                if _looks:
                    gc.enable()
                    if _made > _due:
                        _made = 0
                        gc.collect()
                        # What is in use is looked through as well: at most once for as many.
                        _due = max(MADE, len(gc.get_objects()))


def _shared(kind: type[Any], usual: Callable[..., Any]) -> Callable[..., Any]:
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
