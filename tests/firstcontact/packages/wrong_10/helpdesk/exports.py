import csv
import io

from helpdesk import app
from helpdesk.tickets import ALL

try:
    import openpyxl
except ImportError:
    openpyxl = None


@app.route("/export.csv")
def export_csv():
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["number", "subject", "state"])
    writer.writerows(t.row().values() for t in ALL)
    return out.getvalue(), 200, {"Content-Type": "text/csv; charset=utf-8"}


if openpyxl:
    @app.route("/export.xlsx")
    def export_xlsx():
        book = openpyxl.Workbook()
        for ticket in ALL:
            book.active.append(list(ticket.row().values()))
        out = io.BytesIO()
        book.save(out)
        return out.getvalue(), 200, {"Content-Type": "application/vnd.ms-excel"}
