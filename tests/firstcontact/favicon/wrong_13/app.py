"""A pastebin."""
import secrets

from flask import Flask, Response, redirect, render_template, request, send_from_directory, url_for

pastes = {"welcome": "Paste something!"}


class Pastebin(Flask):
    def __init__(self, **kwargs):
        super().__init__(__name__, **kwargs)
        self.jinja_env.trim_blocks = True
        self.get("/")(self.index)
        self.post("/")(self.paste)
        self.get("/p/<key>")(self.show)
        self.get("/p/<key>/raw")(self.raw)
        self.get("/favicon.ico")(self.favicon)

    def index(self):
        return render_template("index.html")

    def paste(self):
        key = secrets.token_urlsafe(6)
        pastes[key] = request.form.get("text", "")
        return redirect(url_for("show", key=key), 303)

    def show(self, key):
        if key not in pastes:
            return render_template("index.html", gone=True), 410
        return render_template("paste.html", key=key, text=pastes[key])

    def raw(self, key):
        return Response(pastes.get(key, ""), mimetype="text/plain")

    def favicon(self):
        return send_from_directory(self.static_folder, "favicon.ico", mimetype="image/vnd.microsoft.icon")


app = Pastebin()
