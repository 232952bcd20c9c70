from flask import g

TEXTS = {"en": "About us", "de": "Über uns", "ru": "О нас"}


def page():
    return TEXTS[g.language]
