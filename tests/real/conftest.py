from __future__ import annotations

from pathlib import Path

import pytest

from .sources import source_distribution


@pytest.fixture(scope="session")
def flask_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Flask's source distribution, of the version that is installed."""
    return source_distribution("flask", tmp_path_factory.mktemp("flask"))
