from flask import url_for


def index():
    return f"<a href={url_for('items_show', number=7)}>item 7</a>"
