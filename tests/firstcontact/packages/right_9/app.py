import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent / "server" / "src"))


def create_app():
    from wetter import make

    return make()
