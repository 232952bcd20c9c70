"""What can go wrong, with one type for each verdict or exit code that it leads to."""

from __future__ import annotations

import dataclasses
import difflib
import enum
import unittest
from collections.abc import Iterable, Mapping


class ConformanceError(Exception):
    """A run cannot start or continue; the message is one sentence for the user."""

    exit_code = 2


class ConfigError(ConformanceError):
    """The configuration or the command line is wrong (exit code 2)."""


class SubjectError(ConformanceError):
    """The subject could not be imported or built (exit code 3)."""

    exit_code = 3


class SecondBuildError(SubjectError):
    """The factory has created an app in this process and does not create another one."""


class LateSettingsError(SubjectError):
    """The subject's settings arrived after its app had read its own."""


class AmbientContextError(ConformanceError):
    """A request or app context was already active when a clause was about to start."""


def error_of(kind: str, message: str) -> ConformanceError:
    """Return the error that a worker reported by its type's name and its message."""
    kinds = {each.__name__: each for each in (ConfigError, SubjectError, AmbientContextError)}
    return kinds.get(kind, ConformanceError)(message)


class Kind(str, enum.Enum):
    """The kinds of things that a clause can lack."""

    KEY = "key"
    PLACE = "place"
    SERVICE = "service"
    VERSION = "version"
    PACKAGE = "package"
    CIRCUMSTANCE = "circumstance"
    BUDGET = "budget"

    def __str__(self) -> str:
        return self.value


@dataclasses.dataclass(frozen=True)
class Missing:
    """What a clause lacked, or what could not be driven.

    `name` is a configuration key with dots (`patterns.flashing.page`), a pattern's slug, the
    name of a service or package, a version specifier, a sentence for a circumstance, or the
    seconds of a budget.
    """

    kind: Kind
    name: str

    def to_json(self) -> dict[str, str]:
        """Return it in the JSON result's format."""
        return {"kind": self.kind.value, "name": self.name}

    @classmethod
    def from_json(cls, data: Mapping[str, str]) -> Missing:
        """Read what `to_json` has written."""
        return cls(Kind(data["kind"]), data["name"])


class NotObserved(unittest.SkipTest):
    """A clause could not be tested here; `missing` is what it lacked, the text describes it.

    Without `missing`, the text itself is a circumstance. It is a `SkipTest` because Hypothesis
    lets that propagate immediately, without looking for a smaller example.
    """

    def __init__(self, text: str, *missing: Missing) -> None:
        super().__init__(text)
        self.missing = missing or (Missing(Kind.CIRCUMSTANCE, text),)


class Untested(NotObserved):
    """Not bound, or needs another version, transport or service: verdict `untested`."""

    @classmethod
    def for_keys(cls, slug: str, *keys: str, hint: str = "") -> Untested:
        """Return the error of a clause that needs one of several keys of a pattern's table."""
        text = f"needs {' or '.join(keys)} in [patterns.{slug}]{hint}"
        return cls(text, *(Missing(Kind.KEY, f"patterns.{slug}.{key}") for key in keys))

    @classmethod
    def for_people(cls, what: str = "somebody with login", hint: str = "") -> Untested:
        """Return the error of a clause that needs people who can log in."""
        return cls(f"needs {what} in [people.NAME]{hint}", Missing(Kind.KEY, "people"))

    @classmethod
    def for_service(cls, name: str, why: str = "") -> Untested:
        """Return the error of a clause that needs a real service."""
        text = f"needs {name}: --service {name}=URL or CONFORMANCE_{name.upper()}"
        return cls(text + (f" ({why})" if why else ""), Missing(Kind.SERVICE, name))

    @classmethod
    def for_service_away(cls, name: str, why: str) -> Untested:
        """Return the error of a clause whose service is named but unavailable or unusable."""
        return cls(f"{name} is named as a service, but {why}", Missing(Kind.SERVICE, name))

    @classmethod
    def for_package(cls, name: str, install: str) -> Untested:
        """Return the error of a clause that needs a package; `install` is the argument for pip."""
        return cls(f"needs {name}: pip install '{install}'", Missing(Kind.PACKAGE, name))

    @classmethod
    def for_budget(cls, budget: float, begun: bool = False) -> Untested:
        """Return the error of a clause that the run had no time to start, or to finish."""
        what = "cut short" if begun else "not asked"
        text = f"{what}: the budget of {budget:g} s was spent"
        return cls(text, Missing(Kind.BUDGET, f"{budget:g} s"))


class Refused(Untested):
    """The subject takes plain values, but not the drawn one: another example is drawn.

    A form may refuse what it likes, so this says nothing of the clause.
    """

    @classmethod
    def for_text(cls, slug: str, key: str, text: str, response: object) -> Refused:
        """Return the error of a text that a bound route refuses, although it takes a plain one."""
        name = f"patterns.{slug}.{key}"
        told = f"{name}: {text!r} is refused ({response}), and a plain text is accepted"
        return cls(told, Missing(Kind.KEY, name))


class Broken(NotObserved):
    """The subject could not be driven: verdict `broken`."""

    @classmethod
    def for_key(cls, slug: str, key: str, text: str) -> Broken:
        """Return the error of a key of a pattern's table that does not serve its purpose."""
        name = f"patterns.{slug}.{key}"
        return cls(f"{name}: {text}", Missing(Kind.KEY, name))


#: The circumstance of a clause that reached its time limit.
TIME = Missing(Kind.CIRCUMSTANCE, "time")


class OutOfTime(BaseException):
    """The clause's time limit has passed.

    Not an `Exception`, so that handlers of the subject or of Hypothesis do not take it for a
    failure of the code that they were running.
    """


class Deviation(AssertionError):
    """The subject does not do what the clause states: verdict `fail`."""

    def __init__(self, expected: str, observed: str, cause: str = "") -> None:
        super().__init__(f"expected {expected}; observed {observed}")
        self.expected = expected
        self.observed = observed
        #: What is wrong in the subject, if the observation shows it.
        self.cause = cause


class SubjectRaised(Deviation):
    """A component of the subject raised instead of returning."""

    def __init__(self, what: str, error: BaseException, where: str) -> None:
        place = f" ({where})" if where else ""
        super().__init__(
            f"{what} to complete without raising",
            f"{type(error).__name__}: {error}{place}",
        )
        self.error = error


def nearest(name: str, names: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the closest of `names`, or an empty string."""
    names = list(names)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else ""
