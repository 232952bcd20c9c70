"""Entry point: ``flask --app app run``."""
from bakery import create_app

__all__ = ["create_app"]
