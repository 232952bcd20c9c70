"""How an exception of the subject is described: its kind, its text, and where it was raised."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import inspect
import os
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .errors import SubjectError
from .own import KIT, is_own

#: Characters of an exception's text that are told: a long file name would fill a screen.
LONGEST = 200


@dataclasses.dataclass(frozen=True)
class Location:
    """A line of source: a file, relative to the working directory, and what is there.

    `name` is the function or the class that the line belongs to, or an empty string.
    """

    file: str
    line: int
    name: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" + (f" in {self.name}" if self.name else "")

    @classmethod
    def of(cls, file: str, line: int, name: str = "") -> Location:
        """Return the location of a line in a file given by its path."""
        try:
            near = os.path.relpath(file)
        except ValueError:
            near = file
        if near.startswith(".."):
            near = os.path.join(*Path(file).parts[-2:])
        return cls(near, line, name)

    def to_json(self) -> dict[str, Any]:
        """Return the location in the JSON result's format."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Location:
        """Read what `to_json` has written."""
        return cls(data["file"], data["line"], data["name"])


def located(error: BaseException) -> Location | None:
    """Return where an exception was raised: the innermost frame that is the subject's own.

    If it has no such frame, the innermost one of a library.
    """
    return _origin(error)[0]


def _origin(error: BaseException) -> tuple[Location | None, bool]:
    """Return the location to report for an exception, and whether it is the subject's own."""
    frames = traceback.extract_tb(error.__traceback__)
    shown = [frame for frame in frames if not frame.filename.startswith((KIT, "<frozen"))]
    own = [frame for frame in shown if is_own(frame.filename)]
    if not shown:
        return None, False
    frame = (own or shown)[-1]
    return Location.of(frame.filename, frame.lineno or 0, frame.name), bool(own)


def source_of(thing: object) -> Location | None:
    """Return where a function or a class, or an instance's class, is defined.

    None if that is unknown, and for anything from an installed package.
    """
    if isinstance(thing, functools.partial):
        thing = thing.func
    try:
        thing = inspect.unwrap(thing)  # type: ignore[arg-type]
        if not (inspect.isroutine(thing) or inspect.isclass(thing)):
            thing = type(thing)
        file = inspect.getsourcefile(thing)
        _, line = inspect.getsourcelines(thing)
    except (TypeError, ValueError, OSError, AttributeError):
        return None
    if file is None or not is_own(file):
        return None
    return Location.of(file, line, getattr(thing, "__name__", ""))


def where(error: BaseException) -> str:
    """Return `file:line in function` of the innermost frame that is the subject's own."""
    place = located(error)
    return "" if place is None else str(place)


def at(error: BaseException) -> str:
    """Return ` (file:line in function)` for an exception; empty if that is unknown."""
    place = where(error)
    return f" ({place})" if place else ""


@dataclasses.dataclass(frozen=True)
class Raised:
    """What an exception of the subject says, without the frames that it would keep alive."""

    kind: str
    text: str
    location: Location | None = None
    #: Whether the location is the subject's own, rather than a library's.
    own: bool = False

    @classmethod
    def by(cls, error: BaseException) -> Raised:
        """Return an exception's kind, the first line of its text, and where it was raised."""
        text = str(error).strip().partition("\n")[0]
        if len(text) > LONGEST:
            text = f"{text[:LONGEST]}…"
        return cls(type(error).__name__, text, *_origin(error))

    @property
    def sentence(self) -> str:
        """The exception's kind and text, as Python prints them."""
        return f"{self.kind}: {self.text}" if self.text else self.kind

    def __str__(self) -> str:
        place = f" ({self.location})" if self.location else ""
        return f"{self.kind}: {self.text}{place}"


def told(error: BaseException) -> str:
    """Return an exception's kind, the first line of its text, and where it was raised."""
    return str(Raised.by(error))


@contextlib.contextmanager
def telling(what: str, *untold: type[Exception]) -> Iterator[None]:
    """Raise `SubjectError` for what the subject's code raises, or if it ends the process.

    `untold` are exceptions that the caller describes itself.
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
