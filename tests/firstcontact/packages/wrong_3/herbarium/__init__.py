"""Plants and where they were found."""
from herbarium.core.application import app

import herbarium.views  # noqa: E402,F401
import herbarium.api  # noqa: E402,F401

__all__ = ["app"]
