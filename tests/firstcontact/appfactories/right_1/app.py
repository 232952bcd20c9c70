"""Vereinsseiten als Paket mit Datenbank je Anwendung."""
from verein import create_app

__all__ = ["create_app"]
