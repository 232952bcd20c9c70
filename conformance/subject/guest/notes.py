"""What the processes of one run tell each other, in files in the run's own folder.

However a process ends, what it has created is known, and is removed after the run.
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
from collections.abc import Iterator
from pathlib import Path
from typing import Any

#: The environment variable by which the processes of a run find its rules.
VARIABLE = "GUEST_OF_CONFORMANCE"


@dataclasses.dataclass(frozen=True)
class Lost:
    """A refused connection: when, by the monotonic clock, a sentence about it, and to what.

    `asked` is whether something waited for it, such as a request or another call by the kit, as
    opposed to a background thread of the subject. `mail` is whether it was meant to send one.
    """

    moment: float
    sentence: str
    asked: bool = True
    mail: bool = False
    name: str = ""

    @property
    def error(self) -> str:
        """What the error begins with that the app was given in place of the connection."""
        return f"conformance: {self.name} "


@dataclasses.dataclass(frozen=True)
class Notes:
    """The folder of a run, and its start time (seconds since the epoch, by the file system)."""

    folder: str
    started: float

    @classmethod
    def begin(cls, started: float | None = None) -> Notes:
        """Create the folder of a new run."""
        folder = os.path.realpath(tempfile.mkdtemp(prefix="conformance-"))
        # Files get the time of the kernel's last tick, some milliseconds before `time.time()`:
        # by that clock, a file which the run makes at once would have existed.
        return cls(folder, os.stat(folder).st_ctime if started is None else started)

    def made(self, path: str) -> None:
        """Record a file or folder that the run is about to create."""
        self._append("made", path)

    def was_made(self, path: str) -> bool:
        """Check whether a process of the run has created a file or folder."""
        return path in self._read("made")

    def refused(self, sentence: str) -> None:
        """Record a refused action of the subject, which ends the run."""
        self._append("refused", sentence)

    def refusal(self) -> str | None:
        """Return the first refusal of any process."""
        return next(self._read("refused"), None)

    def lost(self, connection: Lost) -> None:
        """Record a connection that was refused."""
        self._append("lost", dataclasses.asdict(connection))

    def all_lost(self) -> list[Lost]:
        """Return the refused connections of all processes of the run, in order."""
        return [Lost(**each) for each in self._read("lost")]

    def touched(self, kind: str, name: str, state: str, setting: str = "") -> None:
        """Record something outside of the run that the subject touched, or tried to."""
        self._append("touched", {"kind": kind, "name": name, "state": state, "setting": setting})

    def all_touched(self) -> list[dict[str, str]]:
        """Return what was touched, once each, in order, with the setting that leads there."""
        found: dict[tuple[str, ...], dict[str, str]] = {}
        for each in self._read("touched"):
            key = (each["kind"], each["name"], each["state"])
            if each["setting"] or key not in found:
                found[key] = each
        return list(found.values())

    def leave(self) -> None:
        """Remove what the run has created, wherever it is, and the folder of the run."""
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
        # The folder is gone if a thread of the subject outlives the run.
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
    """Check whether a file existed before a moment, however it was changed since."""
    if info.st_ctime < moment:
        return True
    born = getattr(info, "st_birthtime", None) or _born(path)
    return born is not None and born < moment


def _born(path: str) -> float | None:
    """Return when a file was created, which Linux only reports by `statx`; None if unknown."""
    if _statx is None:
        return None
    buffer = ctypes.create_string_buffer(256)
    # The path itself, without following links; STATX_BTIME is at byte 80 of the result.
    if _statx(-100, os.fsencode(path), 0x100, 0x800, buffer) != 0:
        return None
    (mask,) = struct.unpack_from("I", buffer, 0)
    seconds, fraction = struct.unpack_from("qI", buffer, 80)
    return float(seconds + fraction / 1e9) if mask & 0x800 else None


_statx = getattr(ctypes.CDLL(None), "statx", None) if sys.platform == "linux" else None
