from flask import url_for


def page():
    return f'<a href="{url_for("archive.of_year", year=1999)}">1999</a>'
