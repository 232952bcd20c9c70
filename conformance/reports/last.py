"""The result of the last run in a directory, kept where caches are: `conformance show` reads it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path

from ..core.printable import printable_json
from .result import ResultReport


def last_result() -> Path:
    """Return the file of the last result of the working directory, whether it is there or not."""
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    name = hashlib.sha256(os.fsencode(os.getcwd())).hexdigest()[:16]
    return Path(caches, "flask-conformance", "results", f"{name}.json")


class LastResult(ResultReport):
    """Keeps the result when the run ends; where it cannot be written, there is none to show."""

    def end(self, complete: bool) -> None:
        """Write the result of a run that has begun."""
        super().end(complete)
        if self.head["subject"]["app"] is None:
            return
        file = last_result()
        beside = file.with_name(f".{file.name}.{os.getpid()}")
        with contextlib.suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(self.result(), ensure_ascii=False)
            beside.write_text(printable_json(text), encoding="utf-8")
            os.replace(beside, file)
