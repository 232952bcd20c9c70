from flask import Response


def feed():
    def lines():
        yield "<feed xmlns='http://www.w3.org/2005/Atom'>"
        yield "</feed>"

    return Response(lines(), mimetype="application/atom+xml")
