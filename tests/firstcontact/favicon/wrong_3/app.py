"""Telephone list of a school."""
import os

from flask import Flask, render_template, request, send_from_directory

app = Flask(__name__)
ENTRIES = [("Caretaker", "11"), ("Head", "12"), ("Kitchen", "19"), ("Bus & lost property", "20")]


@app.route("/")
def index():
    wanted = request.args.get("q", "").casefold()
    return render_template("index.html", entries=[e for e in ENTRIES if wanted in e[0].casefold()])


@app.route("/help")
def help():
    return render_template("help.html")


@app.route("/favicon.ico")
def favicon():
    return send_from_directory(
        os.path.join(app.root_path, "static"), "favicon.ico", mimetype="image/vnd.microsoft.icon"
    )
