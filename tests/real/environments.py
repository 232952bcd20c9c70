"""Applications from the package index, each with what it needs in an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def environment(name: str, folder: Path) -> str:
    """Install what `tests/real/<name>/requirements.txt` names, and the kit; return its Python.

    All of an application's dependencies are pinned there: verdicts hold for these versions.
    """
    made = folder / "environment"
    python = made / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "-q", "-p", sys.executable, str(made)], check=True)
    install = [*uv, "pip", "install", "-q", "-p", str(python)]
    requirements = HERE / name / "requirements.txt"
    subprocess.run([*install, "-r", str(requirements), "-e", str(ROOT)], check=True)
    return str(python)
