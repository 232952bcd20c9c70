import json
from importlib.resources import files


def items():
    return json.loads(files("portal").joinpath("stock.json").read_text("utf-8"))
