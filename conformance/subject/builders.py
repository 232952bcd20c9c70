"""What makes another app of the same subject cheap: clauses make it again and again.

Werkzeug compiles two functions that build URLs for each rule of an app, which is most of what it
takes to make one, and cuts the rule into parts, which are most of the objects that an app is made
of: both are made once for all apps that have the same rules, as they follow from the text of a
rule, and what converters match. And nothing that an app is made of is garbage.
"""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Callable, Iterator
from typing import Any

#: How many functions are kept, and the parts of how many rules.
KEPT = 20_000

#: Objects of apps after which garbage is looked for, at the least: those of some fifty apps, or of
#: eight of a thousand routes, which is 40 MiB.
MADE = 400_000

_lock = threading.Lock()
_entered = 0
#: What was there before, by name.
_usual: dict[str, Callable[..., Any]] = {}
_kept: dict[tuple[object, ...], Any] = {}
_parts: dict[tuple[object, ...], list[Any]] = {}

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

    global _entered
    with _lock:
        if not _entered:
            for name, wrapped in _SHARED.items():
                if (usual := Rule.__dict__.get(name)) is not None:
                    _usual[name] = usual
                    setattr(Rule, name, wrapped(Rule, usual))
        _entered += 1
    try:
        yield
    finally:
        with _lock:
            _entered -= 1
            if not _entered:
                for name, usual in _usual.items():
                    setattr(Rule, name, usual)
                _usual.clear()


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


def _with_shared_builders(kind: type[Any], usual: Callable[..., Any]) -> Callable[..., Any]:
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


def _with_shared_parts(kind: type[Any], usual: Callable[..., Any]) -> Callable[..., Any]:
    def compiled(rule: Any) -> None:
        usual(rule)
        own = getattr(rule, "_parts", None)
        if not own or type(rule) is not kind:
            return
        # The text says all but what converters match, and how they are weighed.
        domain = rule.host if rule.map.host_matching else rule.subdomain
        text = (rule.rule, rule.merge_slashes, domain, len(own))
        matched = ((part.content, part.final, *part.weight[3]) for part in own if not part.static)
        key = (text, *matched)
        found = _parts.get(key)
        if found is not None:
            rule._parts = found
        elif len(_parts) < KEPT:
            _parts[key] = own

    return compiled


#: Of Werkzeug's own, which has no public switch; `tests/test_builders.py` fails where it changes.
_SHARED = {"_compile_builder": _with_shared_builders, "compile": _with_shared_parts}
