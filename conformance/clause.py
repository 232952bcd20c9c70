"""A clause is a test function; this module is what it is written with.

    @must("simple-flashing")
    @given(text=messages())
    def test_shown_once(flashing, text):
        \"\"\"A flashed message appears once, in the next page that renders messages.

        Why it matters, and what goes wrong in reality.

        Source: the sentence of the docs (or of a standard) that asks for it, in your words.

        Usual cause: what to look for first in an application that fails here.
        \"\"\"

The id comes from the pattern and the function's name. The pattern is the one that
`@must(..., pattern="flashing")` names; else the one in `pattern`, a slug or a `Pattern`,
of the module; else the `<slug>` of a module `test_<slug>`. In the same way `docs` is the
address of the docs page that a clause comes from, where it is not its pattern's.

The names in `__all__` are public. Nothing here imports Hypothesis until a clause runs.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import inspect
import os
import sys
import textwrap
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any, TypeVar, cast
from unittest import mock

from .core.effort import Effort, effort
from .core.errors import Deviation, Kind, Missing, Refused, Untested
from .core.verdict import LEVELS
from .instruments.threads import together
from .patterns import Pattern, load_pattern
from .subject.files import shown
from .subject.guest import current
from .subject.registry import in_page
from .subject.watched import noting

if TYPE_CHECKING:
    from hypothesis import strategies as st

    from .patterns.harness import Harness

__all__ = [
    "LEVELS",
    "Clause",
    "Effort",
    "Gate",
    "clause_of",
    "effort",
    "example",
    "expect",
    "explore",
    "given",
    "harden",
    "must",
    "should",
    "together",
]

#: Characters from which on an explicit example is too long to be read, and how many shorter ones
#: are tried in its place.
LONG = 200
SHRINKING = 100

Test = TypeVar("Test", bound=Callable[..., None])


@dataclasses.dataclass(frozen=True)
class Gate:
    """Versions of a package on which a clause cannot be asked, and why.

    With `needed` false the clause is asked where the package is not there at all.
    """

    package: str
    excluded: str
    because: str
    needed: bool = True

    def reason(self, version: str | None) -> str | None:
        """Say why the clause is not asked with this version; None where it is."""
        from packaging.specifiers import SpecifierSet

        if version is None:
            return f"needs {self.package}" if self.needed else None
        if SpecifierSet(self.excluded, prereleases=True).contains(version):
            return f"{self.package} {version}: {self.because}"
        return None


@dataclasses.dataclass(frozen=True)
class Clause:
    """What is known of a clause without running it."""

    id: str
    pattern: str
    level: str
    section: str
    statement: str
    why: str
    #: The sentence that asks for it, in other words: of the chapter, or of a standard.
    source: str
    cause: str
    gates: tuple[Gate, ...]
    share: float
    generates: tuple[str, ...]
    function: Callable[..., None] = dataclasses.field(repr=False, compare=False)
    page: str = ""
    #: How many apps of the subject each of its examples makes.
    builds: float = 0.0
    #: Whether it only reads what is written in the app, and shares it with others that do.
    reads: bool = False

    @property
    def docs(self) -> str:
        """The address of the docs section that the clause comes from."""
        if self.page:
            return in_page(self.page, self.section)
        return load_pattern(self.pattern).address(self.section)

    @property
    def place(self) -> str:
        """Where the clause is written: file and line."""
        code = inspect.unwrap(self.function).__code__
        return f"{shown(Path(code.co_filename))}:{code.co_firstlineno}"

    @property
    def draws(self) -> bool:
        """Whether Hypothesis draws its examples."""
        return bool(self.generates) or "explore" in self._names

    @property
    def _names(self) -> tuple[str, ...]:
        code: CodeType = inspect.unwrap(self.function).__code__
        return code.co_names

    @property
    def tested_by(self) -> str:
        """How the clause looks for a deviation, in a few words."""
        names = self._names
        ways = []
        if self.generates:
            drawn = ", ".join(f"`{name}`" for name in self.generates)
            ways.append(f"a Hypothesis property over {drawn}")
        if "explore" in names:
            ways.append("a Hypothesis state machine against a model")
        if "together" in names:
            ways.append("threads that start at one moment")
        return " and ".join(ways) or "fixed examples"

    def __call__(self, harness: Harness[Any]) -> None:
        """Ask the clause of a harness; raises what it found."""
        self.function(harness)


def _clause(
    level: str,
    section: str,
    gates: Sequence[Gate],
    share: float,
    builds: float,
    pattern: str | Pattern | None,
    docs: str | None,
    reads: bool,
) -> Callable[[Test], Test]:
    def decorate(function: Test) -> Test:
        names = inspect.unwrap(function).__globals__
        slug = _slug(pattern) or _slug(names.get("pattern"))
        slug = slug or function.__module__.rpartition(".")[2].removeprefix("test_")
        page = names.get("docs") if docs is None else docs
        name = function.__name__.removeprefix("test_").replace("_", "-")
        statement, why, source, cause = _read_docstring(function.__doc__ or "")
        function.__clause__ = Clause(  # type: ignore[attr-defined]
            id=f"{slug}.{name}",
            pattern=slug,
            level=level,
            section=section,
            statement=statement,
            why=why,
            source=source,
            cause=cause,
            gates=tuple(gates),
            share=share,
            builds=builds,
            reads=reads,
            generates=getattr(function, "__generates__", ()),
            function=function,
            page=page if isinstance(page, str) else "",
        )
        return function

    return decorate


def _slug(pattern: object) -> str | None:
    # What else a module calls `pattern`, such as a regular expression, says nothing.
    slug = pattern.slug if isinstance(pattern, Pattern) else pattern
    return slug if isinstance(slug, str) else None


def must(
    section: str,
    *,
    gates: Sequence[Gate] = (),
    share: float = 1.0,
    builds: float = 0.0,
    pattern: str | Pattern | None = None,
    docs: str | None = None,
    reads: bool = False,
) -> Callable[[Test], Test]:
    """Mark a test function as a clause that the docs demand.

    `section` is the anchor of the docs section that it comes from ("" for the
    page's head), `gates` the versions on which it is not asked, `share` the part
    of the examples that it draws, for a clause whose examples are costly, `builds` how many
    apps of the subject each of them makes: fewer are drawn where that takes long. With `reads` it
    only reads what is written in the app, such as its templates, and sends it nothing: such
    clauses share one app. `pattern` and `docs` say what the module does not: see above.
    """
    return _clause("must", section, gates, share, builds, pattern, docs, reads)


def should(
    section: str,
    *,
    gates: Sequence[Gate] = (),
    share: float = 1.0,
    builds: float = 0.0,
    pattern: str | Pattern | None = None,
    docs: str | None = None,
    reads: bool = False,
) -> Callable[[Test], Test]:
    """Mark a clause that the docs advise or every careful implementer satisfies; see `must`."""
    return _clause("should", section, gates, share, builds, pattern, docs, reads)


def harden(
    section: str,
    *,
    gates: Sequence[Gate] = (),
    share: float = 1.0,
    builds: float = 0.0,
    pattern: str | Pattern | None = None,
    docs: str | None = None,
    reads: bool = False,
) -> Callable[[Test], Test]:
    """Mark a clause that asks for safety beyond the docs; see `must`."""
    return _clause("harden", section, gates, share, builds, pattern, docs, reads)


def clause_of(function: object) -> Clause | None:
    """Return the clause that a test function is, or None."""
    clause = getattr(function, "__clause__", None)
    return clause if isinstance(clause, Clause) else None


def _read_docstring(text: str) -> tuple[str, str, str, str]:
    text = inspect.cleandoc(text)
    statement, _, rest = text.partition("\n\n")
    rest, _, cause = rest.partition("Usual cause:")
    why, _, source = rest.partition("Source:")
    return (
        " ".join(statement.split()),
        textwrap.dedent(why).strip(),
        " ".join(source.split()),
        " ".join(cause.split()),
    )


# What a clause says of its findings.


def expect(holds: object, expected: str, observed: object, *, cause: str = "") -> None:
    """Raise `Deviation` unless `holds`.

    `expected` completes "expected ...", `observed` says what came instead: a
    string, or a value whose text says it. `cause` is what is wrong in an application where
    just this is seen; leave it out where the observation does not show it.
    """
    if not holds:
        raise Deviation(expected, str(observed), cause)


# How a clause ranges over a space.


def given(**strategies: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Any]:
    """Make a clause a Hypothesis property, as `hypothesis.given` does.

    The property is bound to Hypothesis when the clause runs, so that each run has
    its own harness, seed and number of examples, and the ledger sees each example.
    """

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def clause(harness: Harness[Any]) -> None:
            _run_property(clause, test, harness, strategies)

        parameters = list(inspect.signature(test).parameters.values())
        clause.__signature__ = inspect.Signature(parameters[:1])  # type: ignore[attr-defined]
        clause.__generates__ = tuple(strategies)  # type: ignore[attr-defined]
        return clause

    return decorate


def example(**values: Any) -> Callable[[Test], Test]:
    """Add a known trap that is always tried, before anything is drawn; goes above `given`."""

    def decorate(clause: Test) -> Test:
        earlier = getattr(clause, "__examples__", ())
        clause.__examples__ = ({**values}, *earlier)  # type: ignore[attr-defined]
        return clause

    return decorate


def _run_property(
    clause: Callable[..., None],
    test: Callable[..., None],
    harness: Harness[Any],
    strategies: dict[str, st.SearchStrategy[Any]],
) -> None:
    import hypothesis

    named = getattr(clause, "__examples__", ())
    refused: list[Refused] = []
    asked = 0

    def check(**values: object) -> None:
        nonlocal asked
        harness.begin_example(values)
        harness.ledger.named = values in named
        try:
            test(harness, **values)
        except Refused as error:
            refused.append(error)
        except AssertionError:
            harness.ledger.note_finding()
            raise
        asked += 1

    check.__name__ = check.__qualname__ = test.__name__
    prop = hypothesis.given(**strategies)(check)
    how = effort.get()
    # The first part has asked them.
    for values in () if how.part == "rest" else reversed(named):
        prop = hypothesis.example(**values)(prop)
    with _repeatable(), _elsewhere(), noting(harness) as unbound:
        try:
            _configured(prop)()
        except Deviation as found:
            if harness.ledger.named and len(repr(harness.ledger.example)) > LONG:
                raise _shrunk(found, test, harness, strategies) from None
            raise
    if refused and len(refused) == asked:
        raise refused[0]
    if harness.ledger.vacuous and how.part != "rest":
        drawn = ", ".join(f"`{name}`" for name in strategies)
        keys = [f"patterns.{harness.slug}.{name}" for name in sorted(unbound)]
        raise Untested(
            f"nothing that was drawn ({drawn}) reached the application: it was asked the same "
            "each time" + (f", without {', '.join(keys)}" if keys else ""),
            *(Missing(Kind.KEY, key) for key in keys),
        )


def _shrunk(
    found: Deviation,
    test: Callable[..., None],
    harness: Harness[Any],
    strategies: dict[str, st.SearchStrategy[Any]],
) -> Deviation:
    """Return what a shorter explicit example finds that fails at the same line of the clause.

    Hypothesis shrinks only what it has drawn. Elements of lists are left out, half of them first
    and single ones last; the ledger keeps the example.
    """
    import hypothesis

    ledger = harness.ledger
    smallest = dict(ledger.example or {})
    line = _line_in(test, found)
    ledger.note_finding()

    def check(**values: object) -> None:
        harness.begin_example(values)
        ledger.named = True
        test(harness, **values)

    tried: list[object] = [smallest]
    smaller = iter(_with_less(smallest))
    while (values := next(smaller, None)) is not None and len(tried) < SHRINKING:
        if values in tried:
            continue
        tried.append(values)
        prop = hypothesis.example(**values)(hypothesis.given(**strategies)(check))
        try:
            hypothesis.settings(phases=[hypothesis.Phase.explicit], deadline=None)(prop)()
        except Deviation as error:
            if _line_in(test, error) == line:
                found, smallest = error, values
                ledger.note_finding()
                smaller = iter(_with_less(smallest))
        except Exception:
            # What fails in another way says nothing of this failure.
            continue
    ledger.return_to_finding()
    return found


def _line_in(test: Callable[..., None], error: Deviation) -> int | None:
    """Return the line of a clause at which it found a deviation."""
    frames = traceback.walk_tb(error.__traceback__)
    return next((line for frame, line in frames if frame.f_code is test.__code__), None)


def _with_less(value: Any) -> Iterator[Any]:
    """Give the values from whose lists elements are left out, fewer and fewer at a time."""
    if isinstance(value, list):
        size = len(value)
        while size > 0:
            size //= 2
            for start in range(0, len(value), size or 1):
                yield value[:start] + value[start + (size or 1) :]
    if isinstance(value, (list, dict)):
        for key, each in enumerate(value) if isinstance(value, list) else value.items():
            for smaller in _with_less(each):
                changed = value.copy()
                changed[key] = smaller
                yield changed


def explore(machine: Callable[[], Any], *, steps: int | None = None) -> None:
    """Run a Hypothesis state machine; `machine` makes one, a `RuleBasedStateMachine`.

    `steps` bounds the rules of one run. Machines derive from
    `conformance.instruments.strategies.Machine`, which starts an example of the ledger for
    each run.
    """
    import hypothesis
    from hypothesis.stateful import run_state_machine_as_test

    how = effort.get()

    # A function of its own, as Hypothesis keeps the seed on it.
    def make() -> object:
        return machine()

    hypothesis.seed(how.own_seed)(make)
    settings = _settings(how.drawn(max(3, how.max_examples // 2)), steps or how.steps)
    with _repeatable(), _elsewhere():
        run_state_machine_as_test(cast(Any, make), settings=settings)


def _settings(max_examples: int, steps: int) -> Any:
    from hypothesis import HealthCheck, Phase, Verbosity, settings

    return settings(
        max_examples=max_examples,
        stateful_step_count=steps,
        database=None,
        deadline=None,
        derandomize=False,
        report_multiple_bugs=False,
        print_blob=False,
        verbosity=Verbosity.quiet,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )


def _configured(prop: Any) -> Callable[[], None]:
    import hypothesis

    how = effort.get()
    configured: Callable[[], None] = hypothesis.seed(how.own_seed)(
        _settings(how.drawn(how.max_examples), how.steps)(prop)
    )
    return configured


@contextlib.contextmanager
def _elsewhere() -> Iterator[None]:
    """Let Hypothesis keep its tables where caches are, not in the working directory.

    Not in the folder of the run: each process would spend seconds on making them anew.
    """
    from hypothesis import configuration

    if current() is None or "HYPOTHESIS_STORAGE_DIRECTORY" in os.environ:
        yield
        return
    before = getattr(configuration, "__hypothesis_home_directory", None)
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    configuration.set_hypothesis_home_dir(os.path.join(caches, "flask-conformance", "hypothesis"))
    try:
        yield
    finally:
        configuration.set_hypothesis_home_dir(before)


@contextlib.contextmanager
def _repeatable() -> Iterator[None]:
    """Draw the same examples whatever else is loaded, and leave the subject's chance alone.

    Newer versions of Hypothesis mix in literals from the user's imported source files, which
    would make the examples depend on which clauses ran before. And it seeds `random` (and
    numpy's) anew for each example: a subject that makes names with it would repeat itself.
    Both have no public switch; `tests/test_hypothesis.py` fails where the private ones change.
    """
    import hypothesis.core

    providers = sys.modules.get("hypothesis.internal.conjecture.providers")
    with contextlib.ExitStack() as stack:
        stack.enter_context(
            mock.patch.object(hypothesis.core, "deterministic_PRNG", contextlib.nullcontext)
        )
        if providers is not None and hasattr(providers, "_get_local_constants"):
            nothing, cache = _no_constants(providers)
            stack.enter_context(mock.patch.object(providers, "_get_local_constants", nothing))
            # Else what was worked out for properties of other people is drawn here, or there.
            stack.enter_context(mock.patch.object(providers, "CONSTANTS_CACHE", cache))
        yield


@functools.cache
def _no_constants(providers: Any) -> tuple[Callable[[], object], object]:
    """Return a function that finds no literals, and a cache for what is drawn without them."""
    nothing = providers.Constants()
    return lambda: nothing, type(providers.CONSTANTS_CACHE)(1024)
