from flask import abort

MEDIEN = {1: "Der Zauberberg", 2: "Effi Briest"}


def medium(nummer):
    if nummer not in MEDIEN:
        abort(404)
    return {"nummer": nummer, "titel": MEDIEN[nummer]}


def vormerken(nummer):
    return {"vorgemerkt": nummer}, 202
