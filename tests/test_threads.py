"""Threads in step: a race shows each time, and code that is right under any order is let be."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial

import pytest

from conformance.instruments.threads import together


class Seats:
    """Gives out one seat; `guarded` says how."""

    def __init__(self, lock: bool) -> None:
        self.free = 1
        self.lock = threading.Lock() if lock else None

    def take(self) -> bool:
        if self.lock is not None:
            with self.lock:
                return self.look_and_take()
        return self.look_and_take()

    def look_and_take(self) -> bool:
        if self.free > 0:
            left = self.free - 1
            self.free = left
            return True
        return False


@pytest.mark.parametrize("threads", [2, 3, 6])
def test_two_that_look_first_both_find_it_free_each_time(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # None of them waits for a lock: one that a busy machine leaves out for a while is no such one.
    monkeypatch.setattr("conformance.instruments.threads.GRACE", 10.0)
    for _ in range(20):
        seats = Seats(lock=False)
        assert sum(together(*[seats.take] * threads)) == threads


@pytest.mark.parametrize("threads", [2, 6])
def test_a_lock_is_respected(threads: int) -> None:
    for _ in range(5):
        seats = Seats(lock=True)
        assert sum(together(*[seats.take] * threads)) == 1


class HalfMade:
    """Says that it is ready a line before it is."""

    def __init__(self) -> None:
        self.ready = False
        self.value = ""

    def get(self) -> str:
        if not self.ready:
            self.ready = True
            self.value = "made"
        return self.value


def test_a_thread_that_is_held_shows_what_is_half_made() -> None:
    def seen(hold: int | None) -> set[str]:
        made = HalfMade()
        return set(together(made.get, made.get, hold=hold))

    assert seen(None) == {"made"}
    assert {"", "made"} in [seen(hold) for hold in range(5)]


def test_threads_that_wait_for_each_other_get_through() -> None:
    meet = threading.Barrier(2)

    def wait() -> int:
        return meet.wait(5)

    assert sorted(together(wait, wait)) == [0, 1]


def test_a_long_loop_is_let_go() -> None:
    def count() -> int:
        total = 0
        for _ in range(200_000):
            total += 1
        return total

    started = time.monotonic()
    assert together(count, count) == [200_000, 200_000]
    assert time.monotonic() - started < 20


def test_the_first_exception_is_raised_and_tracing_is_off_again() -> None:
    def fail() -> None:
        raise LookupError("no seat")

    before = sys.gettrace()
    with pytest.raises(LookupError, match="no seat"):
        together(fail, lambda: None)
    assert sys.gettrace() is before


def test_only_own_code_is_stepped_through() -> None:
    lines: list[str] = []

    def own(file: str) -> bool:
        lines.append(file)
        return False

    action: Callable[[], bool] = Seats(lock=False).take
    assert sum(together(action, own=own)) == 1
    assert lines


def test_threads_begin_to_be_steered_one_after_the_other() -> None:
    """An audit hook, such as the guest's, gives way to another thread while one installs."""
    source = (
        "import sys, time\n"
        "sys.addaudithook(lambda event, args: event == 'sys.settrace' and time.sleep(0.001))\n"
        "from conformance.instruments.threads import together\n"
        "assert together(*[int] * 8) == [0] * 8\n"
    )
    command = [sys.executable, "-c", source]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stderr


class Names:
    """Keeps names, each once; looks and adds under its lock, but one after the other."""

    def __init__(self, kept: int) -> None:
        self.kept = list(range(kept))
        self.lock = threading.Lock()

    def add(self, name: int) -> None:
        with self.lock:
            known = any(each == name for each in self.kept)
        if not known:
            with self.lock:
                self.kept.append(name)


@pytest.mark.parametrize("kept", [0, 5, 50])
def test_between_two_locks_another_thread_comes_in_each_time(kept: int) -> None:
    for _ in range(10):
        names = Names(kept)
        together(*[partial(names.add, -1)] * 2)
        assert names.kept.count(-1) == 2


class MadeSlowly(HalfMade):
    """Looks through a long list first."""

    def get(self) -> str:
        for _ in range(50):
            pass
        return super().get()


def test_a_line_that_is_run_again_and_again_is_one_place_to_be_held_at() -> None:
    def seen(hold: int) -> set[str]:
        made = MadeSlowly()
        return set(together(made.get, made.get, hold=hold))

    assert {"", "made"} in [seen(hold) for hold in range(8)]


class Committed:
    """Commits at the end of a `with` block."""

    def __init__(self) -> None:
        self.pending: list[int] = []
        self.stored: list[int] = []

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        self.stored, self.pending = [*self.stored, *self.pending], []

    def add(self) -> int:
        with self:
            self.pending.append(1)
        return len(self.stored)


def test_the_end_of_a_with_block_is_a_place_of_its_own() -> None:
    def pending(hold: int) -> list[int]:
        table = Committed()
        return together(table.add, lambda: len(table.pending), hold=hold)

    assert 1 in [pending(hold)[1] for hold in range(1, 6)]
