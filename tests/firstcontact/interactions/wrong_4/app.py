"""Receipts for deliveries: the sender gets back the SHA-256 of what arrived."""
import hashlib

from flask import Flask, abort, g, redirect, render_template, request, session, url_for

USERS = {"mia": "truck", "ole": "ship"}


class ChecksumStream:
    def __init__(self, stream, algorithm="sha256"):
        self.stream = stream
        self.hash = hashlib.new(algorithm)

    def read(self, size=-1):
        data = self.stream.read(size)
        self.hash.update(data)
        return data

    def readline(self, size=-1):
        data = self.stream.readline(size)
        self.hash.update(data)
        return data


def watch(request):
    stream = ChecksumStream(request.environ["wsgi.input"])
    request.environ["wsgi.input"] = stream
    return stream.hash


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY="only-for-trying", SESSION_COOKIE_SAMESITE="Lax")
    app.config.from_mapping(config or {})

    @app.before_request
    def language():
        g.language = request.values.get("lang", "en")

    @app.get("/")
    def start():
        return render_template("page.html", title="Deliveries", items=[])

    @app.post("/deliveries")
    def deliver():
        checksum = watch(request)
        text = request.form.get("text", "")
        return render_template("page.html", title=checksum.hexdigest(), items=[text])

    @app.post("/login")
    def login():
        user = request.form.get("user", "")
        if user not in USERS or USERS[user] != request.form.get("password"):
            abort(401)
        session["user"] = user
        return redirect(url_for("account"), 303)

    @app.post("/logout")
    def logout():
        session.clear()
        return redirect(url_for("start"), 303)

    @app.get("/account")
    def account():
        if "user" not in session:
            abort(401)
        return render_template("page.html", title="Account", items=[])

    return app
