"""How settings reach a factory: by which parameter, and in which form."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from conformance.subject.arguments import config_parameter


def mapping(config: Mapping[str, Any] | None = None) -> None: ...


def anything(configuration=None) -> None: ...  # type: ignore[no-untyped-def]


def overrides(name: str = "shop", settings_overrides: dict[str, Any] | None = None) -> None: ...


def by_class(config_class: str = "shop.Config") -> None: ...


def path(config: str | os.PathLike[str] | None = None) -> None: ...


def file(config: pathlib.Path | None = None) -> None: ...


def name(config: str = "development") -> None: ...


def quoted(config: str | None = None) -> None: ...


def nothing() -> None: ...


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
    ],
)
def test_a_parameter_that_takes_settings_is_known(
    factory: Callable[..., Any], parameter: str | None
) -> None:
    assert config_parameter(factory) == parameter
