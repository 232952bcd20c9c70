"""The bookkeeper's pages. Slow to import: statistics, decimal, csv ..."""
import csv
import decimal
import io
import statistics

from flask import Response

STOCK = [("rye", 12), ("spelt", 4), ("baguette", 31)]


def round_price(cents):
    return (decimal.Decimal(cents) / 100).quantize(decimal.Decimal("0.01"))


def stock():
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["loaf", "pieces"])
    writer.writerows(STOCK)
    writer.writerow(["mean", statistics.mean(n for _, n in STOCK)])
    return Response(out.getvalue(), mimetype="text/csv")


def sales(year):
    return {"year": year, "total": str(round_price(year * 100))}
