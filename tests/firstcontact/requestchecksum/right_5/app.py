"""The checksum as an iterator's by-product, and Content-MD5 (base64) from an old protocol; nested blueprints."""
import base64
import binascii
import hashlib
import secrets
from types import SimpleNamespace

from flask import Blueprint, Flask, current_app, jsonify, request

v1 = Blueprint("v1", __name__, url_prefix="/v1")
parts = Blueprint("parts", __name__, url_prefix="/parts")


class Observed:
    """A stream that tells its observer what was read."""

    __slots__ = ("_stream", "_observer")

    def __init__(self, stream, observer):
        self._stream, self._observer = stream, observer

    def read(self, n=None):
        data = self._stream.read() if n is None else self._stream.read(n)
        self._observer(data)
        return data

    def readline(self, n=None):
        data = self._stream.readline() if n is None else self._stream.readline(n)
        self._observer(data)
        return data

    def __iter__(self):
        while line := self.readline():
            yield line


def generate_checksum(request):
    md5 = hashlib.md5(usedforsecurity=False)
    request.environ["wsgi.input"] = Observed(request.environ["wsgi.input"], md5.update)
    return md5


def consume():
    """Parses forms as they come (files go to disk), then reads what the parser left."""
    summary = SimpleNamespace(fields=len(request.form), files=len(request.files), json=None)
    if request.is_json:
        summary.json = request.get_json(silent=True, cache=True)
        request.get_data()
    while request.stream.read(4096):
        pass
    return summary


@parts.post("")
def part():
    md5 = generate_checksum(request)
    seen = consume()
    response = jsonify(fields=seen.fields, files=seen.files, type=type(seen.json).__name__)
    response.headers["X-MD5"] = md5.hexdigest()
    return response


@parts.post("/<name>")
def put(name):
    try:
        given = base64.b64decode(request.headers["Content-MD5"].encode("ascii"), validate=True)
    except (KeyError, ValueError, binascii.Error):
        return jsonify(code="InvalidDigest"), 400
    md5 = generate_checksum(request)
    consume()
    if not secrets.compare_digest(given, md5.digest()):
        return jsonify(code="BadDigest"), 400
    current_app.extensions["parts"].append(name)
    return "", 200, {"ETag": f'"{md5.hexdigest()}"'}


@parts.get("")
def names():
    return jsonify(current_app.extensions["parts"])


v1.register_blueprint(parts)


def create_app(config=None):
    app = Flask(__name__)
    app.config["MAX_FORM_MEMORY_SIZE"] = 5_000_000
    app.config.from_mapping(config or {})
    app.extensions["parts"] = []
    app.register_blueprint(v1, url_prefix="/api/v1")
    return app
