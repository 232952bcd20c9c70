"""Asks questions about a subject in a new interpreter, where an import or first call happens anew.

A question is a function `(subject, folder, **values)` in a module of the kit; its result is
returned as JSON. `folder` returns new folders, as `Subject.build` needs them.
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
from . import copies

if TYPE_CHECKING:
    from .bench import Bench

#: Seconds that an interpreter may take, whatever the clause's own limit.
LONGEST = 120

#: Seconds that an interpreter may take to end when it is told to.
GRACE = 3.0

#: Stored answers, by question.
_kept: dict[str, Any] = {}

#: Interpreters that were still working when the time of their clause was over.
_working: dict[str, _Interpreter] = {}


def reference_of(subject: Subject) -> str:
    """Return the string by which another process can find the subject's app or factory.

    Ends the clause as `untested` if there is none because the subject is an object that no module
    has.
    """
    subject = subject.by_factory()
    app = subject.app
    if isinstance(app, str):
        name, colon, expression = app.partition(":")
        if _is_of_tests(subject, name):
            raise Untested(
                "needs a new interpreter, as a server starts one, but fixtures only exist in "
                "tests; name the factory that it calls, factory = 'module:attribute'"
            )
        is_path = name.endswith(".py") or os.sep in name
        return f"{Path(name).resolve() if is_path else name}{colon}{expression}"
    module, name = str(getattr(app, "__module__", "")), str(getattr(app, "__qualname__", ""))
    if module == "__main__" or getattr(sys.modules.get(module), name, None) is not app:
        raise Untested("needs a new interpreter: write the subject as app = 'module:attribute'")
    return f"{module}:{name}"


def _is_of_tests(subject: Subject, module: str) -> bool:
    # A module that was not imported here is not imported for this: it may be what is asked about.
    if module != "fixture" and Path(module).name.removesuffix(".py") not in sys.modules:
        return False
    return subject.target().fixture


def ask(
    bench: Bench,
    question: Callable[..., object],
    *,
    cwd: Path | None = None,
    keep: bool = False,
    does: str = "",
    **given: object,
) -> Any:
    """Ask a question in a new interpreter with `cwd` as its working directory; return the answer.

    `does` says for the steps of a failure what the interpreter does.

    `given` are the question's arguments, pickled. With `keep`, for an answer that is always the
    same, later clauses with the same question get the first one's answer, even if that was an
    error; if the first clause runs out of time before there is an answer, the interpreter
    continues and the next clause waits for the rest. Counted in the ledger. Raises `SubjectError`
    if the question does, and `Broken` if there is no answer.
    """
    job = {
        "question": f"{question.__module__}:{question.__name__}",
        "app": reference_of(bench.subject),
        "config": dict(bench.subject.config),
        "given": given,
    }
    step = f"a new interpreter {does}"
    if not does:
        step = f"a new interpreter: {question.__name__.replace('_', ' ')}"
    key = repr((job, cwd, sys.path))
    if keep and key in _kept:
        shown = step in map(str, bench.ledger.trail)
        bench.ledger.call(None if shown else step)
        return _answer(_kept[key])
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
    """A new interpreter that is asked a question; it ends with this process at the latest."""

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
            self._process = copies.start(
                __name__, stdin=order, stdout=self._out, stderr=self._errors, cwd=cwd
            )
        atexit.register(self.end)

    def answer(self) -> Any:
        """Wait for its answer; raises `Broken` if there is none."""
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


def _outside(app: str) -> Path:
    """Return the nearest folder above that is in no package; this one, if the app's module is here.

    In a package's folder, Flask takes what `--app` names for a part of that package.
    """
    top = app.partition(":")[0].partition(".")[0]
    folder = Path.cwd()
    if any((folder / name).exists() for name in (top, f"{top}.py")):
        return folder
    while (folder / "__init__.py").is_file() and folder != folder.parent:
        folder = folder.parent
    return folder


def flask_command(bench: Bench, app: str, *arguments: str) -> tuple[int, str, str]:
    """Run `flask --app APP ...`; return the exit code, the output, and what went to stderr."""
    words = ["flask", "--app", app, *arguments]
    step = f"flask --app {app!r} {' '.join(arguments)}"
    bench.ledger.call(step)
    with contextlib.ExitStack() as stack:
        nothing, out, errors = (stack.enter_context(tempfile.TemporaryFile()) for _ in range(3))
        files = {"stdin": nothing, "stdout": out, "stderr": errors}
        process = copies.start(guest.__name__, words, **files, cwd=_outside(app))
        try:
            code = process.wait(timeout=LONGEST)
        except BaseException as error:
            process.kill()
            process.wait()
            if isinstance(error, subprocess.TimeoutExpired):
                raise Broken(f"{step}: did not end within {LONGEST} s") from None
            raise
        for each in (out, errors):
            each.seek(0)
        return code, out.read().decode(), errors.read().decode("utf-8", "replace")


def _leave(signum: int, frame: object) -> None:
    for copy in multiprocessing.active_children():
        copy.kill()
    os._exit(1)


def main() -> None:
    """Answer the question on standard input."""
    # The process ends before garbage could matter, and collecting it takes a fifth of the time.
    gc.disable()
    with contextlib.suppress(OSError, ValueError):
        signal.signal(signal.SIGTERM, _leave)
    job = pickle.load(sys.stdin.buffer)
    # Who asks first where temporary files belong writes one, which would be the subject's doing.
    tempfile.gettempdir()
    guest.join()
    # The subject's prints are kept separate from the answer.
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
    # Threads that the subject left running must not keep the process alive.
    os._exit(0)


if __name__ == "__main__":
    main()
