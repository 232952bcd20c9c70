import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "project"))

from forum import app  # noqa: E402,F401
