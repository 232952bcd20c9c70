import hashlib
import os

from flask import Flask, render_template, send_from_directory, url_for

app = Flask(__name__, static_folder="public", static_url_path="/public")
app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 31536000


def versioned(filename):
    """The URL of a file, which changes with its content."""
    with open(os.path.join(app.static_folder, filename), "rb") as file:
        version = hashlib.sha256(file.read()).hexdigest()[:10]
    return url_for("static", filename=filename, v=version)


app.jinja_env.globals["versioned"] = versioned


@app.route("/")
def index():
    return render_template("index.html", level=1)


@app.route("/level/<int:level>")
def level(level):
    return render_template("index.html", level=level)


@app.route("/favicon.ico")
def favicon():
    return send_from_directory(app.static_folder, "favicon.ico",
                               mimetype="image/vnd.microsoft.icon", max_age=86400)
