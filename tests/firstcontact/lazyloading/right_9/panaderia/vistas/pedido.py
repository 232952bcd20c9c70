from flask import request


def pedir():
    if request.method == "POST":
        return "", 202
    return "<!doctype html><html lang=es><title>Pedido</title><form method=post><button>Pedir</button></form>"
