"""Runs the `conformance` command as a user does: in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

#: Seconds that a run may take beyond its --timeout: interpreters start, the subject is imported.
OVERHEAD = 60

#: A module with a factory whose app answers every method on /thing, without an override.
SHOP = """
from flask import Flask
def create_app():
    app = Flask(__name__)
    app.add_url_rule("/thing", "thing", lambda: "thing", methods=["GET", "POST", "PUT", "DELETE"])
    return app
"""

#: Binds `SHOP` for the pattern that the tests of the kit use.
CONFIG = """
app = "shop:create_app"
[patterns.methodoverrides]
route = "/thing"
"""


class Run(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str
    seconds: float


def conformance(
    folder: Path,
    *arguments: str,
    module: str = "conformance",
    python: str = sys.executable,
    timeout: float = 4 * OVERHEAD,
    **environment: str,
) -> Run:
    """Run the command in a folder; no traceback of the kit may reach the user."""
    started = time.monotonic()
    done = subprocess.run(
        [python, "-m", module, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        # A test may ask for another encoding than this process has.
        errors="backslashreplace",
        timeout=timeout,
        env={**os.environ, **environment},
    )
    run = Run(done.returncode, done.stdout, done.stderr, time.monotonic() - started)
    assert "Traceback" not in run.out + run.err
    return run
