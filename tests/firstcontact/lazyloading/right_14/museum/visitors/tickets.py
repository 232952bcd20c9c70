from flask import request


def index():
    return {"en": "Tickets: 12 €", "es": "Entradas: 12 €"}[request.lang]
