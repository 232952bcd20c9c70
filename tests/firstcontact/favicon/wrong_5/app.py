"""Shop for used maps, with a plain layout for the checkout."""
import os

from flask import Flask, abort, redirect, render_template, request, send_from_directory, session, url_for

MAPS = {"1": ("Harz 1:50 000", 4), "2": ("Rhön 1:25 000", 6)}


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY=os.environ.get("SECRET_KEY", "maps-dev"), SESSION_COOKIE_SAMESITE="Lax")
    app.config.from_mapping(config or {})

    @app.get("/")
    def index():
        return render_template("index.html", maps=MAPS)

    @app.post("/basket")
    def add():
        number = request.form.get("map")
        if number not in MAPS:
            abort(400)
        session["basket"] = [*session.get("basket", []), number][-20:]
        return redirect(url_for("checkout"), 303)

    @app.get("/checkout")
    def checkout():
        basket = [MAPS[n] for n in session.get("basket", [])]
        return render_template("checkout.html", basket=basket, total=sum(price for _, price in basket))

    @app.get("/delivery")
    def delivery():
        return render_template("delivery.html")

    @app.get("/favicon.ico")
    def favicon():
        return send_from_directory(app.static_folder, "favicon.ico", mimetype="image/vnd.microsoft.icon")

    return app
