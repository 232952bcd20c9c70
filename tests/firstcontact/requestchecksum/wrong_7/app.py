import base64
import hashlib
import hmac
import io
import zlib

from flask import Flask, abort, jsonify, request


class ChecksumStream:
    def __init__(self, stream):
        self._stream = stream
        self.hash = hashlib.sha256()

    def read(self, size=-1):
        data = self._stream.read(size)
        self.hash.update(data)
        return data

    def readline(self, size=-1):
        data = self._stream.readline(size)
        self.hash.update(data)
        return data


def generate_checksum(request):
    stream = ChecksumStream(request.environ["wsgi.input"])
    request.environ["wsgi.input"] = stream
    return stream.hash


class Inflate:
    """Unpacks what clients have compressed, for all views."""

    def __init__(self, wsgi_app):
        self.wsgi_app = wsgi_app

    def __call__(self, environ, start_response):
        if environ.get("HTTP_CONTENT_ENCODING") == "gzip":
            length = environ.get("CONTENT_LENGTH")
            packed = environ["wsgi.input"].read(*([int(length)] if length else []))
            try:
                data = zlib.decompress(packed, wbits=31)
            except zlib.error:
                start_response("400 Bad Request", [("Content-Type", "text/plain")])
                return [b"not gzip"]
            environ["wsgi.input"] = io.BytesIO(data)
            environ["CONTENT_LENGTH"] = str(len(data))
            del environ["HTTP_CONTENT_ENCODING"]
        return self.wsgi_app(environ, start_response)


def create_app(config=None):
    app = Flask(__name__)
    app.wsgi_app = Inflate(app.wsgi_app)
    app.config.from_mapping(config or {})
    accepted = []

    @app.post("/checksum")
    def checksum():
        digest = generate_checksum(request)
        request.get_data()  # all of it, whatever it is; forms are parsed from what is kept
        files = sorted(request.files)
        return jsonify(sha256=digest.hexdigest(), files=files)

    @app.post("/deposit")
    def deposit():
        digest = generate_checksum(request)
        request.get_data()
        given = request.headers.get("Content-Digest", "")
        ours = "sha-256=:" + base64.b64encode(digest.digest()).decode() + ":"
        if not any(hmac.compare_digest(item.strip().encode(), ours.encode()) for item in given.split(",")):
            abort(400, "the checksum is not right")
        accepted.append(digest.hexdigest())
        return jsonify(accepted=len(accepted)), 201

    @app.get("/deposits")
    def deposits():
        return jsonify(list(accepted))

    return app
