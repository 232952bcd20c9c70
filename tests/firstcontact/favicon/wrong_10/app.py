from functools import lru_cache
from pathlib import Path

from flask import Flask, render_template

app = Flask(__name__)
MENU = {"soup": "Leek", "main": "Dumplings", "sweet": "Plum cake"}


@lru_cache
def icon():
    # read once: it is asked for more often than anything else
    return Path(app.static_folder, "favicon.ico").read_bytes()


@app.after_request
def headers(response):
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


@app.get("/")
def today():
    return render_template("menu.html", menu=MENU)


@app.get("/menu/<day>/<course>")
def course(day, course):
    if course not in MENU:
        return render_template("menu.html", menu={}), 404
    return render_template("menu.html", menu={course: MENU[course]}, day=day)


@app.get("/favicon.ico")
def favicon():
    return icon(), {"Cache-Control": "public, max-age=86400"}
