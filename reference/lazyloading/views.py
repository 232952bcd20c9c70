"""Plain functions, imported by the first request for one of them."""

from __future__ import annotations

from flask import url_for


def index() -> str:
    return url_for("lazyloading.user", name="ada")


def user(name: str = "nobody") -> str:
    return f"user {name}"
