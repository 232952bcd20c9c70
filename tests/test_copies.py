"""A copy of an interpreter is what `python -m` starts."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from conformance.instruments import copies

pytestmark = pytest.mark.skipif(not copies.FORKS, reason="processes are not forked here")

SOURCE = """
import gc, json, os, random, sys
sys.stderr.write("a warning")
print(json.dumps({
    "main": __name__, "words": sys.argv[1:], "cwd": os.getcwd(), "first": sys.path[0],
    "said": os.environ["SAID"], "read": sys.stdin.read(), "chance": random.random(),
    "known": "shop" in sys.modules, "collects": gc.isenabled(),
    "interrupts": __import__("signal").getsignal(2).__name__,
}))
import shop
sys.exit(3)
"""


def start(folder: Path, words: Sequence[str] = (), module: str = "asked") -> tuple[int, str, str]:
    with (
        tempfile.TemporaryFile() as nothing,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as errors,
    ):
        process = copies.start(module, words, stdin=nothing, stdout=out, stderr=errors, cwd=folder)
        code = process.wait(timeout=60)
        out.seek(0)
        errors.seek(0)
        return code, out.read().decode(), errors.read().decode()


def test_it_is_as_if_it_was_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "asked.py").write_text(SOURCE)
    (tmp_path / "shop.py").write_text("")
    monkeypatch.setenv("SAID", "hello")
    seen = [start(tmp_path, ["one", "two"]) for _ in range(2)]

    first, second = (json.loads(out) for _, out, _ in seen)
    assert [(code, errors) for code, _, errors in seen] == [(3, "a warning")] * 2
    assert first.pop("chance") != second.pop("chance")
    assert first == second
    assert first == {
        "main": "__main__",
        "words": ["one", "two"],
        "cwd": str(tmp_path),
        "first": str(tmp_path),
        "said": "hello",
        "read": "",
        "known": False,
        "collects": True,
        "interrupts": "default_int_handler",
    }


def test_what_it_cannot_do_is_said_as_python_says_it(tmp_path: Path) -> None:
    (tmp_path / "asked.py").write_text("import nowhere")
    code, out, errors = start(tmp_path)
    assert (code, out) == (1, "")
    assert errors.strip().endswith("ModuleNotFoundError: No module named 'nowhere'")


def test_it_is_waited_for_and_ended(tmp_path: Path) -> None:
    (tmp_path / "asked.py").write_text("import time\ntime.sleep(600)")
    with tempfile.TemporaryFile() as file:
        process = copies.start("asked", stdin=file, stdout=file, stderr=file, cwd=tmp_path)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.05)
        process.terminate()
        assert process.wait(timeout=60) == -signal.SIGTERM
        # Nobody is left to be ended.
        process.kill()


def test_another_process_has_copies_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "asked.py").write_text("print('here')")
    assert start(tmp_path)[:2] == (0, "here\n")
    source = (
        "import os, sys, tempfile\n"
        "from conformance.instruments import copies\n"
        "files = [tempfile.TemporaryFile() for _ in range(3)]\n"
        "def ask():\n"
        "    names = dict(zip(('stdin', 'stdout', 'stderr'), files))\n"
        "    return copies.start('asked', **names).wait(60)\n"
        "assert ask() == 0\n"
        "pid = os.fork()\n"
        "if not pid:\n"
        "    os._exit(ask())\n"
        "assert os.waitpid(pid, 0)[1] == 0\n"
        "assert ask() == 0\n"
    )
    subprocess.run([sys.executable, "-c", source], cwd=tmp_path, check=True, timeout=120)
