"""The app object. Middlewares in a list; a POST that becomes HEAD gets an answer that fits a POST."""
from functools import reduce

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

app = Flask(__name__)
NO_CONTENT = {b"GET", b"HEAD", b"OPTIONS", b"DELETE"}
KNOWN = NO_CONTENT | {b"POST", b"PUT", b"PATCH"}


class Rewriter:
    def __init__(self, following):
        self.following = following

    def __call__(self, environ, start_response):
        raw = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "").encode("latin-1").upper()
        if environ["REQUEST_METHOD"] != "POST" or raw not in KNOWN:
            return self.following(environ, start_response)
        environ["REQUEST_METHOD"] = raw.decode("ascii")
        if raw in NO_CONTENT:
            environ["CONTENT_LENGTH"] = "0"
            environ.pop("CONTENT_TYPE", None)
        if raw != b"HEAD":
            return self.following(environ, start_response)

        def start(status, headers, exc_info=None):
            # to the server it is a POST: with the length of the GET it would wait for a body that does not come
            headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
            return start_response(status, [*headers, ("Content-Length", "0")], exc_info)

        return self.following(environ, start)


@app.route("/reise", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def reise():
    return request.method, {"X-Size": str(len(request.get_data()))}


@app.errorhandler(405)
def not_allowed(error):
    return {"erlaubt": sorted(error.valid_methods or [])}, 405, {"Allow": ", ".join(error.valid_methods or [])}


app.wsgi_app = reduce(lambda inner, wrap: wrap(inner), [Rewriter, ProxyFix], app.wsgi_app)
