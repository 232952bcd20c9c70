from flask import url_for
from markupsafe import escape


def overview():
    return f"<!doctype html><title>Berths</title><a href='{url_for('.berth', name='a1')}'>A1</a>"


def berth(name):
    return f"<!doctype html><title>Berth</title><h1>{escape(name)}</h1>"
