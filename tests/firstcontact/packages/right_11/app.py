import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "project" / "src"))

from werkstatt import create_app  # noqa: E402,F401
