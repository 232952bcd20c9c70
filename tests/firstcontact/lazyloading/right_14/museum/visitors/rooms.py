from flask import abort, request, url_for

ROOMS = {1: {"en": "Amber", "es": "Ámbar"}, 2: {"en": "Silver", "es": "Plata"}}


def index():
    return "".join(f'<a href="{url_for(".room", number=n)}">{r[request.lang]}</a> ' for n, r in ROOMS.items())


def room(number):
    if number not in ROOMS:
        abort(404)
    return f"<h1>{ROOMS[number][request.lang]}</h1>"
