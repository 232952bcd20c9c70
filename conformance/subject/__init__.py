"""The subject: what is under test, how it is configured, and how its apps are made."""

from __future__ import annotations

from .subject import Subject, environment_services

__all__ = ["Subject", "environment_services"]
