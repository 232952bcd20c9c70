import csv
from datetime import time
from functools import cache


@cache
def hochwasser():
    """Hochwasserzeiten je Hafen."""
    with open("gezeiten/daten/hochwasser.csv", newline="", encoding="utf-8") as f:
        return {
            zeile["hafen"]: [time.fromisoformat(zeile["erstes"]), time.fromisoformat(zeile["zweites"])]
            for zeile in csv.DictReader(f)
        }
