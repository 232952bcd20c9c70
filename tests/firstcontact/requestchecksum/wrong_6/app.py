import hashlib
import hmac

from flask import Flask, abort, jsonify, request


class ChecksumStream:
    def __init__(self, stream):
        self.reset(stream)

    def reset(self, stream):
        self._stream = stream
        self.hash = hashlib.sha256()
        return self

    def read(self, size=-1):
        data = self._stream.read(size)
        self.hash.update(data)
        return data

    def readline(self, size=-1):
        data = self._stream.readline(size)
        self.hash.update(data)
        return data


spare = ChecksumStream(None)


def generate_checksum(request):
    stream = spare.reset(request.environ["wsgi.input"])  # one object for all: no garbage
    request.environ["wsgi.input"] = stream
    return stream.hash


def create_app(config=None):
    app = Flask(__name__)
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
        given = request.headers.get("X-Checksum-Sha256", "")
        if not hmac.compare_digest(given.encode(), digest.hexdigest().encode()):
            abort(400, "the checksum is not right")
        accepted.append(digest.hexdigest())
        return jsonify(accepted=len(accepted)), 201

    @app.get("/deposits")
    def deposits():
        return jsonify(list(accepted))

    return app
