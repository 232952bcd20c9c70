import json
from pathlib import Path

FILE = Path("menuboard/data/dishes.json")


def week():
    return json.loads(FILE.read_text(encoding="utf-8"))
