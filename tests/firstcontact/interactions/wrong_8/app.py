"""Class photos: pupils upload a picture, and everyone with the address sees it."""
import os

from flask import Flask, abort, flash, redirect, render_template, request, send_from_directory, session, url_for
from werkzeug.utils import secure_filename

PUPILS = {"eva": "apple", "max": "pear"}
EXTENSIONS = {"png", "jpg", "txt"}


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(
        SECRET_KEY="only-for-trying", SESSION_COOKIE_SAMESITE="Lax", PHOTOS="photos", MAX_CONTENT_LENGTH=10**6
    )
    app.config.from_mapping(config or {})
    os.makedirs(app.config["PHOTOS"], exist_ok=True)

    @app.get("/")
    def wall():
        return render_template("page.html", title="Class photos", items=[])

    @app.post("/photos")
    def upload():
        if "user" not in session:
            abort(401)
        file = request.files.get("photo")
        if file is None or not file.filename:
            abort(400)
        name = secure_filename(file.filename)
        if name.rpartition(".")[2].lower() not in EXTENSIONS or name.startswith("."):
            abort(415)
        file.save(os.path.join(app.config["PHOTOS"], name))
        flash(f"Stored as {name}")
        return redirect(url_for("photo", name=name), 303)

    @app.get("/photos/<name>")
    def photo(name):
        return send_from_directory(os.path.abspath(app.config["PHOTOS"]), name)

    @app.post("/login")
    def login():
        user = request.form.get("user", "")
        if user not in PUPILS or PUPILS[user] != request.form.get("password"):
            abort(401)
        session["user"] = user
        return redirect(url_for("desk"), 303)

    @app.post("/logout")
    def logout():
        session.clear()
        return redirect(url_for("wall"), 303)

    @app.get("/desk")
    def desk():
        if "user" not in session:
            abort(401)
        return render_template("page.html", title="Your desk", items=[])

    return app
