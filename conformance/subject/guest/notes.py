"""What the processes of one run tell each other: files in a folder that is the run's own.

Whatever ends a process, what it has made is known, and is removed when the run is over.
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import json
import os
import shutil
import stat
import struct
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

#: The environment variable by which the processes of a run find its rules.
VARIABLE = "GUEST_OF_CONFORMANCE"


@dataclasses.dataclass(frozen=True)
class Lost:
    """A connection that was refused: when, by the monotonic clock, and the sentence about it.

    `asked` says that somebody waited for it: it was wanted in a request, or in another call of
    the kit's; not so in a thread that the subject runs on its own. `mail` says that it was to
    carry one.
    """

    moment: float
    sentence: str
    asked: bool = True
    mail: bool = False


@dataclasses.dataclass(frozen=True)
class Notes:
    """The folder of a run, and the moment at which it began (seconds since the epoch)."""

    folder: str
    started: float

    @classmethod
    def begin(cls, started: float | None = None) -> Notes:
        """Make the folder of a new run."""
        folder = os.path.realpath(tempfile.mkdtemp(prefix="conformance-"))
        return cls(folder, time.time() if started is None else started)

    def made(self, path: str) -> None:
        """Note a file or folder that the run is about to make."""
        self._append("made", path)

    def was_made(self, path: str) -> bool:
        """Check whether a process of the run has made a file or folder."""
        return path in self._read("made")

    def refused(self, sentence: str) -> None:
        """Note what the subject was kept from, which ends the run."""
        self._append("refused", sentence)

    def refusal(self) -> str | None:
        """Return the first refusal of any process."""
        return next(self._read("refused"), None)

    def lost(self, connection: Lost) -> None:
        """Note a connection that was refused."""
        self._append("lost", dataclasses.asdict(connection))

    def all_lost(self) -> list[Lost]:
        """Return the connections that any process of the run was refused, in order."""
        return [Lost(**each) for each in self._read("lost")]

    def touched(self, kind: str, name: str, state: str, setting: str = "") -> None:
        """Note something outside the run that the subject touched, or tried to."""
        self._append("touched", {"kind": kind, "name": name, "state": state, "setting": setting})

    def all_touched(self) -> list[dict[str, str]]:
        """Return what was touched, each once, in order, with the setting that leads there."""
        found: dict[tuple[str, ...], dict[str, str]] = {}
        for each in self._read("touched"):
            key = (each["kind"], each["name"], each["state"])
            if each["setting"] or key not in found:
                found[key] = each
        return list(found.values())

    def leave(self) -> None:
        """Remove what the run has made, wherever it lies, and the folder of the run."""
        for path in sorted(set(self._read("made")), key=len, reverse=True):
            with contextlib.suppress(OSError):
                info = os.lstat(path)
                if stat.S_ISDIR(info.st_mode):
                    os.rmdir(path)
                elif not existed(path, info, self.started):
                    os.unlink(path)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _append(self, name: str, entry: object) -> None:
        line = json.dumps(entry).encode("ascii") + b"\n"
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        # The folder is gone when a subject's thread outlives the run.
        with contextlib.suppress(OSError):
            file = os.open(os.path.join(self.folder, f".{name}"), flags, 0o600)
            try:
                os.write(file, line)
            finally:
                os.close(file)

    def _read(self, name: str) -> Iterator[Any]:
        try:
            text = Path(self.folder, f".{name}").read_text(encoding="ascii")
        except OSError:
            return
        yield from map(json.loads, text.splitlines())


def existed(path: str, info: os.stat_result, moment: float) -> bool:
    """Check whether a file was there before a moment, however it was changed since."""
    if info.st_ctime < moment:
        return True
    born = getattr(info, "st_birthtime", None) or _born(path)
    return born is not None and born < moment


def _born(path: str) -> float | None:
    """Return when a file was made, which Linux tells by `statx` only; None where unknown."""
    if _statx is None:
        return None
    buffer = ctypes.create_string_buffer(256)
    # The path as it stands, no links followed; STATX_BTIME, at byte 80 of the answer.
    if _statx(-100, os.fsencode(path), 0x100, 0x800, buffer) != 0:
        return None
    (mask,) = struct.unpack_from("I", buffer, 0)
    seconds, fraction = struct.unpack_from("qI", buffer, 80)
    return float(seconds + fraction / 1e9) if mask & 0x800 else None


_statx = getattr(ctypes.CDLL(None), "statx", None) if sys.platform == "linux" else None
