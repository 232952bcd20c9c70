"""What the preflight found when it looked at one thing."""

from __future__ import annotations

import dataclasses

#: The key of the check that says that the subject makes one app in a process.
ONCE = "app once"


@dataclasses.dataclass(frozen=True)
class Check:
    """One thing that was looked at. `pattern` is "" for the app itself."""

    pattern: str
    key: str
    good: bool
    text: str

    @property
    def name(self) -> str:
        """The key that it is about, with dots."""
        return ".".join(part for part in ("patterns", self.pattern, self.key) if part)

    @property
    def sentence(self) -> str:
        """What is wrong, with the key that it is about."""
        return f"{self.name}: {self.text}" if self.pattern and self.key else self.text
