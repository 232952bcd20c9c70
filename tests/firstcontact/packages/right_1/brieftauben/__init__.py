"""Schläge und Flüge eines Brieftaubenvereins."""
from flask import Flask

__version__ = "1.0.2"

app = Flask(__name__)
app.config.from_prefixed_env("TAUBEN")

from . import fehler, fluege, schlaege  # noqa: E402

__all__ = ["app", "fehler", "fluege", "schlaege"]
