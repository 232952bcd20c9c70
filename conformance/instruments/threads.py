"""Threads that start at one moment."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import Any

#: Whether the clause that runs has started threads at one moment.
raced: contextvars.ContextVar[bool] = contextvars.ContextVar("raced", default=False)


def together(*actions: Callable[[], Any]) -> list[Any]:
    """Run each action in a thread of its own, all started at one moment.

    Gives their results in order; raises the first exception that one of them raised.
    """
    raced.set(True)
    barrier = threading.Barrier(len(actions))
    results: list[Any] = [None] * len(actions)
    errors: list[BaseException] = []

    def run(index: int, action: Callable[[], Any]) -> None:
        try:
            barrier.wait()
            results[index] = action()
        except BaseException as error:
            errors.append(error)

    # Each thread starts from an empty context, as a server's threads do.
    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results
