"""Asks a subject in a new interpreter: what an import or a first call does shows only there.

A question is a function `(subject, folder, **values)` of a module of the kit; what
it gives comes back as JSON. `folder` gives new folders, as `Subject.build` wants them.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import Broken, LateSettingsError, OutOfTime, SubjectError, Untested
from ..subject import Subject, guest

if TYPE_CHECKING:
    from .bench import Bench

#: Seconds that an interpreter may take, whatever the clause's own limit is.
LONGEST = 120

#: Seconds that one which is told to end may take for it.
GRACE = 3.0

#: Answers that were kept, by what was asked.
_kept: dict[str, Any] = {}

#: Interpreters that were still at work when the time of their clause was over.
_working: dict[str, _Interpreter] = {}


def reference_of(subject: Subject) -> str:
    """Return the string by which another process finds the subject's app or factory.

    Ends the clause as `untested` where there is none: the subject is an object that
    no module holds.
    """
    subject = subject.by_factory()
    app = subject.app
    if isinstance(app, str):
        if subject.target().fixture:
            raise Untested(
                "needs a new interpreter, as a server starts one: a fixture is there in tests "
                "alone; name the factory that it calls, factory = 'module:attribute'"
            )
        name, colon, expression = app.partition(":")
        is_path = name.endswith(".py") or os.sep in name
        return f"{Path(name).resolve() if is_path else name}{colon}{expression}"
    module, name = str(getattr(app, "__module__", "")), str(getattr(app, "__qualname__", ""))
    if module == "__main__" or getattr(sys.modules.get(module), name, None) is not app:
        raise Untested("needs a new interpreter: write the subject as app = 'module:attribute'")
    return f"{module}:{name}"


def ask(
    bench: Bench,
    question: Callable[..., object],
    *,
    cwd: Path | None = None,
    keep: bool = False,
    **given: object,
) -> Any:
    """Ask a question in a new interpreter that works in `cwd`, and give the answer.

    `given` are the question's arguments, pickled. With `keep`, for an answer that is the
    same each time, later clauses that ask the same get that of the first, also where there was
    none; and where the first one's time is over before there is an answer, the interpreter
    works on, and the next one waits for the rest. Counted in the ledger. Raises `SubjectError`
    where the question does, `Broken` where there is no answer.
    """
    job = {
        "question": f"{question.__module__}:{question.__name__}",
        "app": reference_of(bench.subject),
        "config": dict(bench.subject.config),
        "given": given,
    }
    what = question.__name__.replace("_", " ")
    key = repr((job, cwd, sys.path))
    if keep and key in _kept:
        bench.ledger.call(f"a new interpreter: {what} (the one of a clause before)")
        return _answer(_kept[key])
    step = f"a new interpreter: {what}"
    bench.ledger.call(step)
    interpreter = _working.pop(key, None) if keep else None
    if interpreter is None:
        interpreter = _Interpreter(step, job, cwd)
    try:
        answer: object = interpreter.answer()
    except Broken as error:
        answer = error
    except OutOfTime:
        if keep:
            _working[key] = interpreter
        else:
            interpreter.end()
        raise
    if keep:
        _kept[key] = answer
    return _answer(answer)


def _answer(came: Any) -> Any:
    if isinstance(came, Broken):
        raise came
    if "error" in came:
        kind = LateSettingsError if came["late"] else SubjectError
        raise kind(came["error"])
    return came["answer"]


class _Interpreter:
    """A new interpreter that is asked a question; it is ended with this one at the latest."""

    def __init__(self, step: str, job: dict[str, Any], cwd: Path | None) -> None:
        self._step = step
        self._begun = time.monotonic()
        self._folder = tempfile.TemporaryDirectory(
            prefix="conformance-", ignore_cleanup_errors=True
        )
        job = {**job, "folder": str(Path(self._folder.name).resolve())}
        self._out, self._errors = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 - closed by `end`
        with tempfile.TemporaryFile() as order:
            pickle.dump(job, order)
            order.seek(0)
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__],
                stdin=order,
                stdout=self._out,
                stderr=self._errors,
                cwd=cwd,
                env=_environment(),
            )
        atexit.register(self.end)

    def answer(self) -> Any:
        """Wait for what it says; raises `Broken` where that is nothing."""
        left = LONGEST - (time.monotonic() - self._begun)
        try:
            code = self._process.wait(timeout=max(0.0, left))
        except subprocess.TimeoutExpired:
            self.end()
            raise Broken(f"{self._step}: did not end within {LONGEST} s") from None
        self._out.seek(0)
        self._errors.seek(0)
        said, printed = self._out.read(), self._errors.read().decode("utf-8", "replace")
        self.end()
        try:
            return json.loads(said)
        except ValueError:
            last = (printed.strip().splitlines() or ["no output"])[-1]
            raise Broken(f"a new interpreter ended with {code}: {last}") from None

    def end(self) -> None:
        """End it, and the copies that it made of itself."""
        atexit.unregister(self.end)
        self._process.terminate()
        try:
            self._process.wait(timeout=GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._out.close()
        self._errors.close()
        self._folder.cleanup()


def _environment() -> dict[str, str]:
    # What this process can import, the new one can, wherever it works.
    path = os.pathsep.join(os.path.abspath(entry) for entry in sys.path)
    return {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


def flask_command(bench: Bench, app: str, *arguments: str) -> tuple[int, str, str]:
    """Run `flask --app APP ...`; give the exit code, the output, and what went to stderr."""
    words = [sys.executable, "-m", guest.__name__, "flask", "--app", app, *arguments]
    step = f"flask --app {app!r} {' '.join(arguments)}"
    bench.ledger.call(step)
    try:
        done = subprocess.run(
            words, input=b"", capture_output=True, env=_environment(), timeout=LONGEST
        )
    except subprocess.TimeoutExpired:
        raise Broken(f"{step}: did not end within {LONGEST} s") from None
    return done.returncode, done.stdout.decode(), done.stderr.decode("utf-8", "replace")


def _leave(signum: int, frame: object) -> None:
    for copy in multiprocessing.active_children():
        copy.kill()
    os._exit(1)


def main() -> None:
    """Answer the question that comes on standard input."""
    # The process ends before garbage could matter; to look for it takes a fifth of the time.
    gc.disable()
    with contextlib.suppress(OSError, ValueError):
        signal.signal(signal.SIGTERM, _leave)
    job = pickle.load(sys.stdin.buffer)
    guest.join()
    # What the subject prints goes elsewhere than the answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def folder() -> Path:
        return Path(tempfile.mkdtemp(dir=job["folder"]))

    module, _, name = job["question"].partition(":")
    question = getattr(importlib.import_module(module), name)
    try:
        subject = Subject(app=job["app"], config=job["config"])
        answer = {"answer": question(subject, folder, **job["given"])}
    except (SubjectError, guest.Refused) as error:
        answer = {"error": str(error), "late": isinstance(error, LateSettingsError)}
    json.dump(answer, answers)
    answers.flush()
    # Threads that the subject left running must not keep the process.
    os._exit(0)


if __name__ == "__main__":
    main()
