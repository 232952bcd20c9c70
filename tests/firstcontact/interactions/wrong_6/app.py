"""A jukebox that counts its visitors with a cookie."""
import functools
import secrets

from flask import Flask, abort, jsonify, make_response, redirect, render_template, request, session, url_for

DJS = {"uma": "vinyl", "vic": "tape"}


def counted(view):
    """Gives the visitor a number, unless there is one."""

    @functools.wraps(view)
    def wrapper(*args, **kwargs):
        response = make_response(view(*args, **kwargs))
        if "visitor" not in request.cookies:
            response.set_cookie("visitor", secrets.token_urlsafe(9), samesite="Lax", httponly=True)
        return response

    return wrapper


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY="only-for-trying", SESSION_COOKIE_SAMESITE="Lax")
    app.config.from_mapping(config or {})
    songs = ["Blue Monday"]

    @app.get("/")
    @counted
    def box():
        return render_template("page.html", title="Jukebox", items=songs)

    @app.get("/songs")
    @counted
    def listing():
        return jsonify(songs)

    @app.get("/songs/<path:name>")
    @counted
    def song(name):
        if name not in songs:
            abort(404)
        return {"name": name}

    @app.post("/songs")
    @counted
    def add():
        if "user" not in session:
            abort(401)
        text = request.form.get("text", "").strip()
        if not text:
            abort(400)
        songs.append(text)
        return redirect(url_for("box"), 303)

    @app.post("/login")
    @counted
    def login():
        user = request.form.get("user", "")
        if user not in DJS or DJS[user] != request.form.get("password"):
            return render_template("page.html", title="Wrong", items=[]), 401
        session["user"] = user
        return redirect(url_for("box"), 303)

    return app
