from flask import g, request


def page():
    return f"{g.language} {request.method}"
