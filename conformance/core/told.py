"""How an exception of the subject is told: its kind, its text, and where it came from."""

from __future__ import annotations

import contextlib
import os
import traceback
from collections.abc import Iterator
from pathlib import Path

from .errors import SubjectError


def where(error: BaseException) -> str:
    """Return `file:line in function` of the innermost frame that is the subject's own."""
    frames = traceback.extract_tb(error.__traceback__)
    kit = str(Path(__file__).parents[1])
    own = [frame for frame in frames if not frame.filename.startswith((kit, "<frozen"))]
    # A name in brackets is code that a library made up.
    outside = [
        frame
        for frame in own
        if "site-packages" not in frame.filename and not frame.filename.startswith("<")
    ]
    chosen = (outside or own)[-1:]
    if not chosen:
        return ""
    frame = chosen[0]
    try:
        file = os.path.relpath(frame.filename)
    except ValueError:
        file = frame.filename
    if file.startswith(".."):
        file = os.path.join(*Path(frame.filename).parts[-2:])
    return f"{file}:{frame.lineno} in {frame.name}"


def at(error: BaseException) -> str:
    """Return ` (file:line in function)` for an exception; empty where that is not known."""
    place = where(error)
    return f" ({place})" if place else ""


def told(error: BaseException) -> str:
    """Return an exception's kind, the first line of its text, and where it came from."""
    text = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {text}{at(error)}"


@contextlib.contextmanager
def telling(what: str, *untold: type[Exception]) -> Iterator[None]:
    """Tell as a `SubjectError` what the subject's code raises, or that it ends the process.

    `untold` are exceptions that the caller tells in words of its own.
    """
    try:
        yield
    except untold:
        raise
    except MemoryError:
        raise
    except SystemExit as error:
        raise SubjectError(
            f"{what} ended the process (SystemExit: {error.code}{at(error)})"
        ) from error
    except Exception as error:
        raise SubjectError(f"{what} raised {told(error)}") from error
