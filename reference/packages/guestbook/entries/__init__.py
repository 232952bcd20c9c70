"""A part of the application as a blueprint, with templates and static files of its own.

The prefix keeps its URLs apart from others', also that of its static files. Its
templates are in a folder of its name, as all templates share one space of names.
"""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint(
    "entries",
    __name__,
    url_prefix="/entries",
    template_folder="templates",
    static_folder="static",
)

from . import views  # noqa: E402, F401
