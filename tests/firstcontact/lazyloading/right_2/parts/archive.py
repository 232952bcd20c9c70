from flask import request
from markupsafe import escape


def of_year(year):
    return f"<h1>{year}</h1>"


def one(year, name):
    return ("", 204) if request.method == "DELETE" else f"<h1>{year}: {escape(name)}</h1>"
