from flask import current_app, url_for


def front():
    return f'<h1>{current_app.config["SITE"]}</h1><a href="{url_for("plots")}">Plots</a>'


def news():
    return "<h1>News</h1><p>The water is on again.</p>"
