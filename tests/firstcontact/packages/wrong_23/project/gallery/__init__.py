"""Exhibitions of the municipal gallery."""
from gallery.core.application import app

import gallery.views.exhibitions  # noqa: E402
import gallery.views.info  # noqa: E402,F401

__all__ = ["app"]
