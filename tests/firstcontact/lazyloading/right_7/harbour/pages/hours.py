from flask import Response


def text():
    return Response("Mon-Fri 7-19\n", mimetype="text/plain")
