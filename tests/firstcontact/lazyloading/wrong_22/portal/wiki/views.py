from flask import abort, url_for

PAGES = {"Deploying": "Push to main.", "Holidays": "Ask Ines."}


def index():
    links = (f'<li><a href="{url_for("wiki.page", title=t)}">{t}</a>' for t in PAGES)
    return "<h1>Wiki</h1><ul>" + "".join(links) + "</ul>"


def page(title):
    if title not in PAGES:
        abort(404)
    return f"<h1>{title}</h1><p>{PAGES[title]}</p>"
