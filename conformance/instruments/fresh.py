"""Asks a subject in a new interpreter: what an import or a first call does shows only there.

A question is a function `(subject, folder, **values)` of a module of the kit; what
it gives comes back as JSON. `folder` gives new folders, as `Subject.build` wants them.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import Broken, SubjectError, Untested
from ..subject import Subject, guest

if TYPE_CHECKING:
    from .bench import Bench

#: Seconds that an interpreter may take, whatever the clause's own limit is.
LONGEST = 120

#: Answers that were kept, by what was asked.
_kept: dict[str, Any] = {}


def reference_of(subject: Subject) -> str:
    """Return the string by which another process finds the subject's app or factory.

    Ends the clause as `untested` where there is none: the subject is an object that
    no module holds.
    """
    app = subject.app
    if isinstance(app, str):
        if app.startswith("fixture:"):
            raise Untested(
                "needs a new interpreter, as a server starts one: a fixture is there in tests "
                "alone; write the subject as app = 'module:attribute'"
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
    question: Callable[..., Any],
    *,
    cwd: Path | None = None,
    keep: bool = False,
    **given: Any,
) -> Any:
    """Ask a question in a new interpreter that works in `cwd`, and give the answer.

    `given` are the question's arguments, pickled. With `keep`, for an answer that is the
    same each time, later clauses that ask the same get that of the first, also where there was
    none. Counted in the ledger. Raises `SubjectError` where the question does, `Broken` where
    there is no answer.
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
        if isinstance(_kept[key], Broken):
            raise _kept[key]
        return _kept[key]
    job["folder"] = str(bench.folder())
    step = f"a new interpreter: {what}"
    try:
        done = _python(bench, step, ["-m", __name__], cwd, pickle.dumps(job))
    except Broken as error:
        if keep:
            _kept[key] = error
        raise
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        last = (done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no output"])[-1]
        raise Broken(f"a new interpreter ended with {done.returncode}: {last}") from None
    if "error" in answer:
        raise SubjectError(answer["error"])
    if keep:
        _kept[key] = answer["answer"]
    return answer["answer"]


def flask_command(bench: Bench, app: str, *arguments: str) -> tuple[int, str, str]:
    """Run `flask --app APP ...`; give the exit code, the output, and what went to stderr."""
    words = ["-m", guest.__name__, "flask", "--app", app, *arguments]
    done = _python(bench, f"flask --app {app!r} {' '.join(arguments)}", words, None, b"")
    return done.returncode, done.stdout.decode(), done.stderr.decode("utf-8", "replace")


def _python(
    bench: Bench, step: str, arguments: list[str], cwd: Path | None, data: bytes
) -> subprocess.CompletedProcess[bytes]:
    bench.ledger.call(step)
    # What this process can import, the new one can, wherever it works.
    path = os.pathsep.join(os.path.abspath(entry) for entry in sys.path)
    try:
        return subprocess.run(
            [sys.executable, *arguments],
            input=data,
            capture_output=True,
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
            timeout=LONGEST,
        )
    except subprocess.TimeoutExpired:
        raise Broken(f"{step}: did not end within {LONGEST} s") from None


def main() -> None:
    """Answer the question that comes on standard input."""
    # The process ends before garbage could matter; to look for it takes a fifth of the time.
    gc.disable()
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
        answer = {"error": str(error)}
    json.dump(answer, answers)
    answers.flush()
    # Threads that the subject left running must not keep the process.
    os._exit(0)


if __name__ == "__main__":
    main()
