from flask import g
from markupsafe import escape


def index():
    return f"<!doctype html><title>Desk</title><p>On duty: {escape(g.person)}"
