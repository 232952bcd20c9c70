"""RFC 9530: Content-Digest with sha-512 or sha-256 as a structured field; a raw stream in C fashion."""
import base64
import binascii
import hashlib
import hmac
import io
import re

from flask import Blueprint, Flask, Response, current_app, request

KNOWN = {"sha-256": "sha256", "sha-512": "sha512"}
ITEM = re.compile(r"^\s*([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/=]*):\s*$")


class Tee(io.RawIOBase):
    def __init__(self, source, *hashes):
        self.source = source
        self.hashes = hashes

    def readable(self):
        return True

    def readinto(self, buffer):
        data = self.source.read(len(buffer))
        buffer[: len(data)] = data
        for digest in self.hashes:
            digest.update(data)
        return len(data)


def tee(request, *names):
    hashes = [hashlib.new(name) for name in names]
    request.environ["wsgi.input"] = Tee(request.environ["wsgi.input"], *hashes)
    return hashes


def generate_checksum(request):
    return tee(request, "sha512")[0]


api = Blueprint("digests", __name__, url_prefix="/digests")


@api.post("/")
def show():
    digest = generate_checksum(request)
    while request.stream.read(8192):
        pass
    return Response(status=204, headers={"X-Digest": digest.hexdigest()})


@api.put("/letters")
@api.post("/letters")
def letters():
    found = {}
    for item in request.headers.get("Content-Digest", "").split(","):
        if not (match := ITEM.match(item)):
            return "malformed Content-Digest", 400
        try:
            found[match[1]] = base64.b64decode(match[2], validate=True)
        except binascii.Error:
            return "malformed Content-Digest", 400
    wanted = [name for name in KNOWN if name in found]
    if not wanted:
        return "none of the algorithms is known", 400, {"Want-Content-Digest": "sha-512=10, sha-256=1"}
    hashes = tee(request, *(KNOWN[name] for name in wanted))
    while request.stream.read(8192):
        pass
    for name, digest in zip(wanted, hashes):
        if not hmac.compare_digest(found[name], digest.digest()):
            return f"{name} differs", 422
    current_app.extensions["letters"] += 1
    return "", 202


@api.get("/letters")
def count():
    return {"letters": current_app.extensions["letters"]}


def create_app(config=None):
    app = Flask(__name__)
    app.extensions["letters"] = 0
    app.register_blueprint(api)
    return app
