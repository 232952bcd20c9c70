"""For prove.py: build the project's wheel, unpack it, run code against it from elsewhere."""
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE / "project"


def build(backend):
    tmp = Path(tempfile.mkdtemp(prefix="fc4_"))
    shutil.copytree(PROJECT, tmp / "src", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp / "dist").mkdir()
    done = subprocess.run(
        [sys.executable, "-B", "-c", f"import {backend} as b; b.build_wheel({str(tmp / 'dist')!r})"],
        cwd=tmp / "src", capture_output=True, text=True,
    )
    if done.returncode:
        return None, done.stderr
    (wheel,) = (tmp / "dist").glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp / "site")
    return tmp / "site", done.stderr


def run(code, path=PROJECT, cwd="/"):
    return subprocess.run(
        [sys.executable, "-B", "-c", code], cwd=cwd, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(path)},
    )
