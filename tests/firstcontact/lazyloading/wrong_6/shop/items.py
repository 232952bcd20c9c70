from flask import abort


def show(number):
    if number > 100:
        abort(404)
    return {"item": number}
