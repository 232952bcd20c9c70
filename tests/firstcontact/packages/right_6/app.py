import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "src"))

from ferien.web import create_app as _create_app  # noqa: E402


def create_app():
    return _create_app("produktion")
