"""New interpreters, as copies of one that has imported the kit and nothing of the subject.

Importing the kit, Flask and what they need takes longer than most that is asked of a new
interpreter. So one process imports them, and forks for each that is started. Where a fork is not
safe, each is started by itself.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Protocol

# What all copies have imported, as if each did so before anything of the subject.
from ..subject import Subject, guest

__all__ = ["Process", "Subject", "guest", "start"]

#: Whether processes are forked; on macOS a fork may not use the system's libraries.
FORKS = sys.platform == "linux"

#: The processor time, in seconds, of the copies that have ended, which are not this one's children.
spent = 0.0


class Process(Protocol):
    """An interpreter that was started."""

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit code; raises `subprocess.TimeoutExpired` if it has not ended by then."""

    def terminate(self) -> None:
        """Tell it to end."""

    def kill(self) -> None:
        """End it."""


def start(
    module: str,
    arguments: Sequence[str] = (),
    *,
    stdin: IO[bytes],
    stdout: IO[bytes],
    stderr: IO[bytes],
    cwd: Path | None = None,
) -> Process:
    """Run a module as `python -m` does, with what this process can import on its path."""
    path = [os.path.abspath(entry) for entry in sys.path]
    environment: dict[str, str] = {**os.environ, "PYTHONPATH": os.pathsep.join(path)}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    files = (stdin, stdout, stderr)
    if FORKS:
        order: dict[str, object] = {
            "module": module,
            "arguments": list(arguments),
            "cwd": os.path.abspath(cwd or os.getcwd()),
            "environment": environment,
            "path": path,
        }
        return _original(environment).copy(order, [file.fileno() for file in files])
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        cwd=cwd,
        env=environment,
    )


class _Copy:
    """A copy, as seen by the process that asked for it."""

    def __init__(self, talk: socket.socket) -> None:
        self._talk = talk
        self._said = b""
        self._code: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        global spent
        end = None if timeout is None else time.monotonic() + timeout
        while self._code is None:
            left = None if end is None else max(0.0, end - time.monotonic())
            if not select.select([self._talk], [], [], left)[0]:
                raise subprocess.TimeoutExpired("a new interpreter", timeout or 0.0)
            said = self._talk.recv(4096)
            self._said += said
            if not said or self._said.count(b"\n") == 2:
                last = self._said.split(b"\n")[1]
                # Whoever ends the one that waits for it ends it too.
                self._code, took = json.loads(last) if last else (-signal.SIGKILL, 0.0)
                spent += took
                self._talk.close()
        return self._code or 0

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def _send(self, number: int) -> None:
        # Until its code is sent, its number is nobody else's.
        try:
            self.wait(0)
        except subprocess.TimeoutExpired:
            while b"\n" not in self._said:
                self._said += self._talk.recv(4096)
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(self._said.split(b"\n")[0]), number)


class _Original:
    """The process that copies are made of."""

    def __init__(self, environment: dict[str, str]) -> None:
        #: A fork of this process has to have its own.
        self.owner = os.getpid()
        self._orders, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with there:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(there.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=environment,
                pass_fds=[there.fileno()],
            )
        atexit.register(self._end)

    @property
    def ready(self) -> bool:
        """Whether it can still be asked for a copy."""
        return self.owner == os.getpid() and self._process.poll() is None

    def copy(self, order: dict[str, object], files: Sequence[int]) -> _Copy:
        """Return a new copy with these files as its standard input, output and error."""
        here, there = socket.socketpair()
        with there:
            socket.send_fds(self._orders, [b"-"], [*files, there.fileno()])
            here.sendall(json.dumps(order).encode("utf-8", "surrogatepass") + b"\n")
        return _Copy(here)

    def _end(self) -> None:
        if self.owner == os.getpid():
            self._orders.close()
            self._process.wait()


_originals: list[_Original] = []


def _original(environment: dict[str, str]) -> _Original:
    if not (_originals and _originals[-1].ready):
        _originals[:] = [_Original(environment)]
    return _originals[-1]


def main() -> None:
    """Make a copy for each order; end with the process that sends them."""
    # What is imported is shared with the copies, as long as nothing touches it.
    gc.disable()
    gc.freeze()
    # Ctrl-C is for the process that sends them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    orders = socket.socket(fileno=int(sys.argv[1]))
    while True:
        said, files, _, _ = socket.recv_fds(orders, 1, 4)
        if not said:
            break
        if os.fork() == 0:
            orders.close()
            _mind(files)
            return
        for file in files:
            os.close(file)
        # Those that have ended.
        while _children() and os.waitpid(-1, os.WNOHANG)[0]:
            pass
    while _children():
        os.waitpid(-1, 0)


def _children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _mind(files: Sequence[int]) -> None:
    """Make the copy and say when it has ended; return in the copy, when its module has run."""
    *standard, talk = files
    channel = socket.socket(fileno=talk)
    pid = os.fork()
    if pid:
        for file in standard:
            os.close(file)
        channel.sendall(b"%d\n" % pid)
        _, status, usage = os.wait4(pid, 0)
        took = usage.ru_utime + usage.ru_stime
        channel.sendall(json.dumps([os.waitstatus_to_exitcode(status), took]).encode() + b"\n")
        os._exit(0)
    for number, file in enumerate(standard):
        os.dup2(file, number)
        os.close(file)
    with channel, channel.makefile("rb") as reader:
        order = json.loads(reader.readline())
    _become(order)


def _become(order: dict[str, Any]) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["cwd"])
    sys.dont_write_bytecode = True
    # As Python makes it: the directory, PYTHONPATH, then its own.
    own = [entry for entry in sys.path[1:] if entry not in order["path"]]
    sys.path[:] = [order["cwd"], *order["path"], *own]
    sys.path_importer_cache.clear()
    sys.argv = [order["module"], *order["arguments"]]
    gc.enable()
    runpy.run_module(order["module"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
