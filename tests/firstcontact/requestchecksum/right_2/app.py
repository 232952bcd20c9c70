"""Webhooks: HMAC as GitHub sends it, async views, secret for each app."""
import asyncio
import hashlib
import hmac

from flask import Flask, current_app, json, request
from flask.views import View


class Signed:
    def __init__(self, stream, mac):
        self.stream = stream
        self.mac = mac

    def _seen(self, data):
        self.mac.update(data)
        return data

    def read(self, *size):
        return self._seen(self.stream.read(*size))

    def readline(self, *size):
        return self._seen(self.stream.readline(*size))

    def readlines(self, *hint):
        lines = self.stream.readlines(*hint)
        self._seen(b"".join(lines))
        return lines

    def __iter__(self):
        return map(self._seen, self.stream)


SECRET = b"It's a Secret to Everybody"


def generate_checksum(request):
    secret = current_app.config.get("WEBHOOK_SECRET", SECRET)
    mac = hmac.new(secret if isinstance(secret, bytes) else secret.encode(), digestmod=hashlib.sha256)
    request.environ["wsgi.input"] = Signed(request.environ["wsgi.input"], mac)
    return mac


class Echo(View):
    methods = ["POST"]

    async def dispatch_request(self):
        mac = generate_checksum(request)
        await asyncio.to_thread(request.get_data)
        return f"sha256={mac.hexdigest()}\n", {"Content-Type": "text/plain"}


class Hook(View):
    methods = ["POST", "GET"]
    init_every_request = False

    def __init__(self):
        self.events = []

    async def dispatch_request(self):
        if request.method != "POST":
            return self.events
        mac = generate_checksum(request)
        body = request.get_data()
        algorithm, _, signature = request.headers.get("X-Hub-Signature-256", "").partition("=")
        await asyncio.sleep(0)
        expected = mac.hexdigest()
        if algorithm != "sha256" or not hmac.compare_digest(signature.encode("utf-8", "replace"), expected.encode()):
            return {"error": "signature"}, 403
        self.events.append({"bytes": len(body), "number": len(self.events) + 1})
        return "", 204


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.add_url_rule("/echo", view_func=Echo.as_view("echo"))
    app.add_url_rule("/hook", view_func=Hook.as_view("hook"))
    return app
