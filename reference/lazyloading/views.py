"""Plain functions, imported by the first request for one of them."""

from __future__ import annotations

from flask import url_for


def index() -> str:
    return url_for("lazyloading.user", name="ada")


def user(name: str = "nobody") -> str:
    return f"user {name}"


async def rename(name: str) -> str:
    """Rename somebody; what it waits for, it awaits, as the stand-in does with it."""
    return f"user {name}"
