from flask import url_for


def heute():
    return {"filme": [url_for("film", titel="Metropolis")]}


def film(titel):
    return {"titel": titel}
