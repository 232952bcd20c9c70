"""The subject: what is under test, and how a new application of it is made."""

from __future__ import annotations

import atexit
import contextlib
import contextvars
import dataclasses
import inspect
import os
import tempfile
import warnings
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..core.errors import ConfigError, LateSettingsError, SubjectError, nearest
from ..core.told import telling, told
from .arguments import Values, absolute_copies, config_parameter, copied, fill, passed
from .builders import shared_builders, uncollected
from .config import Binding, Settings, validate
from .locate import Target, is_factory, locate, resolve
from .people import check_people, outdated, read_people, with_people
from .pins import unpin
from .places import Place, read_places
from .registry import load_pattern, pattern_slugs
from .suites import import_suites

#: Settings that Flask-SQLAlchemy reads once, when it is bound to an app.
_DATABASES = ("SQLALCHEMY_DATABASE_URI", "SQLALCHEMY_BINDS")


@dataclasses.dataclass(frozen=True)
class Subject:
    """An application factory (or app, or WSGI callable) and its bindings.

    `app` is a reference such as `"shop:create_app"` or the object itself; None
    where only components are bound. `patterns` maps a slug to a binding, or to
    the mapping that one is made of; or to several, each a mapping with a `name` (or a
    `Place`), for a pattern that is at several places. `people` maps a name to a `Person` or
    to the mapping that one is made of. `workers` is how many processes may
    run clauses at once. `suites` are modules with clauses of the subject's own, or their names.
    `source` names where this was written down.
    Raises `ConfigError` for a binding that is not valid and a suite that cannot be imported.
    """

    app: Any = None
    config: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    setup: Any = None
    patterns: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    waive: Mapping[str, str] = dataclasses.field(default_factory=dict)
    services: Mapping[str, str] = dataclasses.field(default_factory=dict)
    disposable: Sequence[str] = ()
    allow: Sequence[str] = ()
    workers: int = 1
    source: str = "the subject"
    suites: Sequence[Any] = ()
    people: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    #: The factory that is asked for what only one can show, where `app` is a fixture.
    factory: Any = None
    #: What nobody typed: the evidence for each key with dots, `patterns.flashing.page`.
    found: Mapping[str, str] = dataclasses.field(default_factory=dict)
    #: How many apps were made of it in this process.
    made: int = dataclasses.field(default=0, init=False, compare=False, repr=False)
    #: The app for all that only reads one.
    _to_read: Any = dataclasses.field(default=None, init=False, compare=False, repr=False)
    #: A sentence for each key that is deprecated.
    outdated: tuple[str, ...] = dataclasses.field(default=(), init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "suites", import_suites(self.suites, source=self.source))
        object.__setattr__(self, "config", absolute_copies(self.config))
        object.__setattr__(self, "people", read_people(self.people, self.source))
        bindings: dict[str, object] = {}
        old: list[str] = []
        for slug, data in self.patterns.items():
            if slug not in pattern_slugs():
                raise ConfigError(
                    f"{self.source}: unknown pattern patterns.{slug}"
                    f"{nearest(slug, pattern_slugs())}"
                )
            places = read_places(slug, data, load_pattern(slug).binding, self.source)
            places = tuple(self._with_people(slug, place) for place in places)
            for place in places:
                old += outdated(place.binding, slug, place.name, self.found)
            bindings[slug] = places if places[0].name else places[0].binding
        if self.app is not None:
            for slug in pattern_slugs():
                if slug not in bindings and load_pattern(slug).implied:
                    bindings[slug] = load_pattern(slug).binding()
        object.__setattr__(self, "patterns", bindings)
        object.__setattr__(self, "outdated", tuple(old))
        for sentence in old:
            warnings.warn(f"{self.source}: {sentence}", DeprecationWarning, stacklevel=3)

    def _with_people(self, slug: str, place: Place) -> Place:
        check_people(
            place.binding,
            self.people,
            source=self.source,
            key=f"patterns.{slug}",
            place=place.name,
        )
        return Place(place.name, with_people(place.binding, self.people))

    def places(self, slug: str) -> tuple[Place, ...]:
        """Return the places of a pattern; none where it is not bound."""
        bound = self.patterns.get(slug, ())
        return (Place("", bound),) if isinstance(bound, Binding) else tuple(bound)

    @classmethod
    def from_table(
        cls,
        table: Mapping[str, object],
        *,
        source: str,
        app: object = None,
        services: Mapping[str, str] | None = None,
        folder: Path | None = None,
        found: Mapping[str, str] | None = None,
    ) -> Subject:
        """Make a subject of a configuration table; `app` and `services` override it.

        `folder` is where its suites are looked for, besides the working directory. `found` is
        the evidence for keys of the table that nobody typed.
        """
        settings: Settings = validate(Settings, table, source=source)
        return cls(
            app=settings.app if app is None else app,
            factory=settings.factory,
            config=settings.config,
            setup=settings.setup,
            patterns=settings.patterns,
            people=settings.people,
            waive=settings.waive,
            services={**settings.services, **environment_services(), **(services or {})},
            disposable=settings.disposable,
            allow=settings.allow,
            workers=settings.workers,
            source=source,
            suites=import_suites(settings.suites, source=source, folder=folder),
            found=found or {},
        )

    @property
    def name(self) -> str:
        """What reports call the subject."""
        if self.app is None:
            return "components"
        if isinstance(self.app, str):
            return self.app
        module = getattr(self.app, "__module__", None)
        name = getattr(self.app, "__qualname__", None) or getattr(self.app, "name", None)
        return f"{module}:{name}" if module and name else repr(self.app)

    def by_factory(self) -> Subject:
        """Return the subject whose apps its factory makes: itself, unless a fixture does."""
        if self.factory is None or not self.target().fixture:
            return self
        return dataclasses.replace(self, app=self.factory)

    def target(self) -> Target:
        """Return the app or factory, and the arguments that the factory is called with.

        Raises `SubjectError` where it cannot be imported.
        """
        if isinstance(self.app, str):
            return locate(self.app)
        return Target(self.app, factory=is_factory(self.app))

    def build(
        self,
        folder: Callable[[], Path],
        closing: Callable[[Callable[[], object]], object] = atexit.register,
        /,
        **config: object,
    ) -> Any:
        """Make a new application with the subject's configuration and `config` on top.

        `folder` gives a new folder for `{tmp}` in configuration values. `closing` is handed what
        closes the app's fixtures, where it is made by one; else that is done at the end. The
        factory runs in a context of its own, so that one it leaves pushed stays there.
        Raises `SubjectError` where the factory fails.
        """
        target = self.target()
        values = Values(copied(fill({**self.config, **config}, tmp=folder), folder))
        context = contextvars.copy_context()
        app = target.found
        handed = False
        if target.fixture:
            with telling(self.name), shared_builders(), uncollected():
                app = target.found.make(folder, closing, values)
            self._check_app(app)
            handed = unpin(app)
        elif target.factory:
            keywords = self._keywords(target, values)
            handed = keywords != target.keywords
            with telling(self.name), shared_builders(), uncollected():
                app = context.run(target.found, *target.arguments, **keywords)
            self._check_app(app)
        if values and not handed:
            apply = getattr(app, "config", None)
            if apply is None:
                raise SubjectError(
                    f"{self.source}: config: {self.name} takes no configuration values"
                )
            if "sqlalchemy" in getattr(app, "extensions", {}):
                self._refuse_late(apply, {key: values[key] for key in self.config})
            apply.update(values)
        if self.setup is not None:
            function = resolve(self.setup, "setup")
            try:
                context.run(function, app)
            except (Exception, SystemExit) as error:
                raise SubjectError(f"setup {self.setup} raised {told(error)}") from error
        return app

    def app_to_read(self) -> Any:
        """Return the app for all that only reads one, which is made for the first of them.

        It is closed, and its folders are removed, with the subject. Raises what `build` does.
        """
        if self._to_read is None:
            with contextlib.ExitStack() as stack:

                def folder() -> Path:
                    made = tempfile.TemporaryDirectory(
                        prefix="conformance-", ignore_cleanup_errors=True
                    )
                    return Path(stack.enter_context(made)).resolve()

                object.__setattr__(self, "_to_read", self.build(folder, stack.callback))
                weakref.finalize(self, stack.pop_all().close)
        return self._to_read

    def _check_app(self, app: object) -> None:
        if not callable(app):
            raise SubjectError(
                f"{self.name} gave {app!r}, which is no application"
                + ("; is a `return app` missing?" if app is None else "")
            )

    def _refuse_late(self, had: Mapping[str, object], wanted: Mapping[str, object]) -> None:
        """Raise `LateSettingsError` for another database where the app is bound to its own by now.

        Else `setup`, and the clauses, would write into one that is not for them.
        """
        for key, value in wanted.items():
            if key in _DATABASES and had.get(key) != value:
                raise LateSettingsError(
                    f"{self.source}: config: {key} comes too late: {self.name} was not handed it, "
                    "and Flask-SQLAlchemy has made its engines; name a factory that takes "
                    "settings, as create_app(config=None), or set what the app reads it from"
                )

    def _keywords(self, target: Target, values: Values) -> Mapping[str, Any]:
        """Return the factory's keyword arguments, with the values where it takes them."""
        keywords = target.keywords
        try:
            signature = inspect.signature(target.found)
        except (TypeError, ValueError):
            return keywords
        parameter = config_parameter(target.found)
        if (
            parameter is not None
            and parameter not in keywords
            and not target.arguments
            and (values or signature.parameters[parameter].default is inspect.Parameter.empty)
        ):
            keywords = {**passed(target.found, parameter, values), **keywords}
        try:
            signature.bind(*target.arguments, **keywords)
        except TypeError as error:
            name = getattr(target.found, "__name__", "factory")
            raise SubjectError(
                f"{self.name} cannot be called as {name}"
                f"({', '.join([*map(repr, target.arguments), *keywords])}): {error}; "
                f"write its arguments as app = \"module:factory('argument')\""
            ) from None
        return keywords


def environment_services() -> dict[str, str]:
    """Return the services named in the environment: `CONFORMANCE_POSTGRESQL` and the like."""
    prefix = "CONFORMANCE_"
    return {
        key.removeprefix(prefix).lower(): value
        for key, value in os.environ.items()
        if key.startswith(prefix) and value
    }
