import hashlib
import hmac

from flask import Flask, g, jsonify, request


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
        data = request.get_data()
        accepted.append(hashlib.sha256(data).hexdigest())
        return jsonify(accepted=len(accepted)), 201

    @app.before_request
    def hook():
        if request.endpoint == "deposit":
            g.digest = generate_checksum(request)

    @app.after_request
    def verify(response):
        # now the view has read everything and the hash is fully constructed
        if "digest" in g:
            given = request.headers.get("X-Checksum-Sha256", "")
            if not hmac.compare_digest(given.encode(), g.digest.hexdigest().encode()):
                response = jsonify(error="the checksum is not right")
                response.status_code = 400
        return response

    @app.get("/deposits")
    def deposits():
        return jsonify(list(accepted))

    return app
