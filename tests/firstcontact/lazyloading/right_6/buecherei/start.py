from flask import url_for


def willkommen():
    return {"text": "Grüß Gott!", "medium": url_for("medium", nummer=1)}
