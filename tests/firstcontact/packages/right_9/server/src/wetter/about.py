import json
from importlib.resources import files


def about():
    return json.loads((files("wetter") / "data" / "about.json").read_text("utf-8"))
