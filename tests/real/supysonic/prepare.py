"""Registers the people of each app: an administrator, and somebody else."""

from __future__ import annotations

from typing import Any


def register(app: Any) -> None:
    from supysonic.db import close_connection, open_connection
    from supysonic.managers.user import UserManager

    open_connection()
    UserManager.add("alice", "wonderland", admin=True)
    UserManager.add("robert", "wonderland")
    close_connection()
