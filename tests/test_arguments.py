"""How settings reach a factory: by which parameter, and in which form."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable, Mapping
from typing import Any, Optional

import flask
import pytest

from conformance import Options, Outcome, Subject, run_clause
from conformance.subject.arguments import config_parameter
from conformance.suites.catalogue import find_clause


def mapping(config: Mapping[str, Any] | None = None) -> None: ...


def anything(configuration=None) -> None: ...  # type: ignore[no-untyped-def]


def overrides(name: str = "shop", settings_overrides: dict[str, Any] | None = None) -> None: ...


def by_class(config_class: str = "shop.Config") -> None: ...


def path(config: str | os.PathLike[str] | None = None) -> None: ...


def file(config: pathlib.Path | None = None) -> None: ...


def name(config: str = "development") -> None: ...


def quoted(config: str | None = None) -> None: ...


def nothing() -> None: ...


def spread(name: str = "shop", **settings: str) -> None: ...


def others(**kwargs: Any) -> None: ...


def unheard_of(name: str = "shop", values: Mapping[str, Any] | None = None) -> None: ...


def optional(app_options: Optional[dict[str, object]] = None) -> None: ...  # noqa: UP045


def services(services: dict[str, Any] | None = None) -> None: ...


def no_settings(users: dict[str, str] | None = None, rows: list[Any] | None = None) -> None: ...


@pytest.mark.parametrize(
    ("factory", "parameter"),
    [
        (mapping, "config"),
        (anything, "configuration"),
        (overrides, "settings_overrides"),
        (by_class, "config_class"),
        (path, None),
        (file, None),
        (name, None),
        (quoted, None),
        (nothing, None),
        (spread, "settings"),
        (others, None),
        (unheard_of, "values"),
        (optional, "app_options"),
        (no_settings, None),
        (services, None),
    ],
)
def test_a_parameter_that_takes_settings_is_known(
    factory: Callable[..., Any], parameter: str | None
) -> None:
    assert config_parameter(factory) == parameter


@pytest.mark.parametrize("reference", ["by_name", "by_mapping"])
def test_settings_reach_a_factory_that_takes_each_by_its_name(reference: str) -> None:
    def make(name: str, settings: Mapping[str, object]) -> flask.Flask:
        app = flask.Flask(name)
        app.config.from_mapping(SHOP="default")
        app.config.from_mapping(settings)
        app.add_url_rule("/", view_func=lambda: f"{flask.current_app.config['SHOP']}")
        return app

    def by_name(name: str = "shop", **settings: object) -> flask.Flask:
        return make(name, settings)

    def by_mapping(values: Mapping[str, Any] | None = None) -> flask.Flask:
        return make("shop", values or {})

    factory = {"by_name": by_name, "by_mapping": by_mapping}[reference]
    subject = Subject(factory, patterns={"appfactories": {"page": "/", "setting": "SHOP"}})
    clause = find_clause("appfactories.config-override-wins")

    assert run_clause(clause, subject, Options(max_examples=5)).outcome is Outcome.PASS
