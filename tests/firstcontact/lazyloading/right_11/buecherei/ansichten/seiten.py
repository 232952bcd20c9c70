from flask import url_for


def start():
    return f'<!doctype html><html lang="de"><h1>Stadtbücherei</h1><a href="{url_for("buecher")}">Bücher</a></html>'
