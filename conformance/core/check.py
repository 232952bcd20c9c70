"""The result of one check of the preflight."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from .place import at_place

#: The key of the check that reports that the subject creates one app per process.
ONCE = "app once"


@dataclasses.dataclass(frozen=True)
class Check:
    """One thing that was checked. `pattern` is "" for the app itself and for people."""

    pattern: str
    key: str
    good: bool
    text: str
    place: str = ""
    #: Settings that give each app its own files and databases, with which the run continues.
    config: Mapping[str, Any] | None = None
    #: Seconds of the processor that making an app takes.
    build: float = 0.0

    @property
    def name(self) -> str:
        """The key that it is about, with dots and the place."""
        if not self.pattern:
            return self.key
        name = ".".join(part for part in ("patterns", self.pattern, self.key) if part)
        return at_place(name, self.place)

    @property
    def sentence(self) -> str:
        """What is wrong, with the key that it is about."""
        return f"{self.name}: {self.text}" if self.key else self.text
