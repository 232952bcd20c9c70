from flask import url_for


def home():
    return f'<h1>Weather</h1><a href="{url_for("forecast")}">Forecast</a>'
