"""Threads that are stepped through the subject's own code, so that a race shows every time.

Two requests that meet by chance do so once in many tries. Here, each thread stops at every line
of the subject's own files and the threads take turns: what one has looked up and not found, the
others have not found either. Code that is right under any interleaving is right under this one;
locks are respected, since a thread that waits for one is passed over.
"""

from __future__ import annotations

import contextvars
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from ..core.own import is_own

#: Whether the current clause has started concurrent threads.
raced: contextvars.ContextVar[bool] = contextvars.ContextVar("raced", default=False)

#: Seconds after which a thread that sleeps at no new line counts as waiting for something.
GRACE = 0.03

#: Seconds in which a thread that a line has woken gets going.
WAKING = 0.001

#: Lines after which threads are released: a long loop is not the place for a race.
LONGEST = 3000

#: The turns that the thread takes part in.
_taking: contextvars.ContextVar[_Turns | None] = contextvars.ContextVar("taking", default=None)

_installing = threading.Lock()


def trace(function: Callable[[FrameType, str, Any], Any] | None) -> None:
    """Install a trace function in this thread, like `sys.settrace`.

    Two threads must not do so at the same time: on Python 3.11 an audit hook lets another one in
    between, which raises `RuntimeError`.
    """
    with _installing:
        sys.settrace(function)


def together(
    *actions: Callable[[], object],
    hold: int | None = None,
    own: Callable[[str], bool] | None = None,
) -> list[Any]:
    """Run each action in its own thread, in step through the subject's code.

    They advance one line each, in turn; with `hold`, the first thread is held after that many
    lines, those of a loop counted once, until the others have ended, which shows what is half done
    there. `own` selects the files that are stepped through; by default the subject's, as opposed to
    libraries.
    Returns the results in order; raises the first exception that one of them raised.
    """
    raced.set(True)
    barrier = threading.Barrier(len(actions))
    turns = _Turns(len(actions), hold)
    mine = own or is_own
    results: list[object] = [None] * len(actions)
    errors: list[BaseException] = []

    def run(index: int, action: Callable[[], object]) -> None:
        def at_line(frame: FrameType, event: str, argument: object) -> object:
            if event == "line":
                turns.take(index, (frame.f_code.co_filename, frame.f_lineno))
            return at_line

        def at_call(frame: FrameType, event: str, argument: object) -> object:
            # While one thread executes a module, the others wait for it.
            own_code = mine(frame.f_code.co_filename) and frame.f_code.co_name != "<module>"
            return at_line if own_code and not turns.over else None

        try:
            _taking.set(turns)
            turns.enter(index)
            barrier.wait()
            trace(at_call)
            results[index] = action()
        except BaseException as error:
            errors.append(error)
        finally:
            trace(None)
            turns.leave(index)

    # Each thread starts with an empty context, like a server's threads.
    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


def is_first_held() -> bool:
    """Check, in a later action of `together`, whether the first thread is being held.

    It is then held until the others have ended. It is not if it has already ended, or waits
    elsewhere for a lock.
    """
    turns = _taking.get()
    return turns is not None and turns.is_first_held


def _sleeps(native_id: int) -> bool:
    """Check whether a thread of this process sleeps; where the system does not say, it does.

    One that is ready to run and gets no processor does not: a busy machine is no lock.
    """
    try:
        with open(f"/proc/self/task/{native_id}/stat", encoding="latin-1") as file:
            return file.read().rpartition(") ")[2].startswith("S")
    except OSError:
        return True


class _Turns:
    """Lets threads advance one line each, in turn, once all that can are at a line."""

    def __init__(self, count: int, hold: int | None) -> None:
        self.over = False
        self._hold = hold
        self._taken = 0
        #: The lines that the first thread has come to, each with the one before it and once: a loop
        #: is no further place, and the end of a `with` block, which is at its first line, is one.
        self._places: set[tuple[object, object]] = set()
        self._place: tuple[str, int] | None = None
        self._native = [0] * count
        self._live = set(range(count))
        self._parked: set[int] = set()
        #: Threads that reach no line because they wait for a lock or for each other.
        self._waiting: set[int] = set()
        self._running: int | None = None
        self._last = -1
        self._moved = threading.Condition()

    @property
    def is_first_held(self) -> bool:
        """Whether the first thread is at the line where it is held."""
        with self._moved:
            return self._is_at_hold and 0 in self._parked and not self.over

    @property
    def _is_at_hold(self) -> bool:
        return self._hold is not None and len(self._places) > self._hold

    def enter(self, me: int) -> None:
        """Record that a thread has begun."""
        self._native[me] = threading.get_native_id()

    def take(self, me: int, line: tuple[str, int]) -> None:
        """Wait at a line, which is a file and a number, for the thread's turn."""
        with self._moved:
            if self.over:
                return
            self._waiting.discard(me)
            self._parked.add(me)
            if me == 0:
                self._places.add((self._place, line))
                self._place = line
            if self._running == me:
                self._await_woken()
                self._running = None
            while not self.over:
                self._choose()
                if self._running == me:
                    break
                if not self._moved.wait(GRACE):
                    asleep = {i for i in self._live - self._parked if _sleeps(self._native[i])}
                    self._waiting |= asleep
                    if self._running in asleep:
                        self._running = None
            self._parked.discard(me)
            self._taken += 1
            if self._taken > LONGEST:
                self.over = True
                self._moved.notify_all()

    def leave(self, me: int) -> None:
        """Record that a thread has ended."""
        with self._moved:
            self._live.discard(me)
            self._parked.discard(me)
            self._waiting.discard(me)
            if self._running == me:
                self._running = None
            self._moved.notify_all()

    def _await_woken(self) -> None:
        # The line that was run may have let go of a lock. Who waits for it takes it now, or luck
        # decides between that thread and one that asks for the lock a line later.
        awake = set(self._waiting)
        while awake and not self.over:
            self._moved.wait(WAKING)
            awake = {i for i in self._waiting if not _sleeps(self._native[i])}

    def _choose(self) -> None:
        if self._running is not None or not self._live <= self._parked | self._waiting:
            return
        ready = self._parked
        if self._hold is not None and 0 in ready and len(ready) > 1:
            # Up to the line where it is held it runs alone, and from there on the others do.
            ready = ready - {0} if self._is_at_hold else {0}
        elif not ready:
            return
        behind = [each for each in ready if each > self._last]
        self._running = self._last = min(behind or ready)
        self._moved.notify_all()
