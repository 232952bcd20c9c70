from flask import abort

HALLS = {1: "Antiquity", 2: "Renaissance"}


def hall(hall):
    if hall not in HALLS:
        abort(404)
    return f"<!doctype html><title>Hall</title><h1>{HALLS[hall]}</h1>"
