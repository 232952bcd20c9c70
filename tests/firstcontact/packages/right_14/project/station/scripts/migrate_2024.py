"""Run once, in 2024: python -m station.scripts.migrate_2024 OLD.csv"""
import csv
import sys

from station import app
from station.db import Reading, db

if len(sys.argv) != 2:
    sys.exit(__doc__)
with app.app_context(), open(sys.argv[1], newline="") as old:
    for row in csv.DictReader(old):
        db.session.add(Reading(place=row["place"], celsius=float(row["t"])))
    db.session.commit()
