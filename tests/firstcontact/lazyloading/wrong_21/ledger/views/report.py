from flask import render_template

from ledger.data import ACCOUNTS


def report():
    return render_template("report.html", total=sum(ACCOUNTS.values()))
