"""Photo wall of a wedding."""
import os
import uuid

from flask import Flask, flash, redirect, render_template, request, send_from_directory, url_for

app = Flask(__name__)
app.config.update(
    SECRET_KEY=os.environ.get("SECRET_KEY", "wedding-dev"),
    PHOTOS=os.path.join(app.instance_path, "photos"),
    MAX_CONTENT_LENGTH=8_000_000,
)
KINDS = {"png", "jpg", "jpeg", "gif"}


@app.get("/")
def wall():
    folder = app.config["PHOTOS"]
    photos = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return render_template("wall.html", photos=photos[-60:])


@app.route("/add", methods=["GET", "POST"])
def add():
    if request.method == "POST":
        if "photo" not in request.files:
            flash("There is no photo.")
            return redirect(url_for("add"))
        photo = request.files["photo"]
        kind = photo.filename.rsplit(".", 1)[1].lower()
        if kind not in KINDS:
            flash("This is not a picture.")
            return redirect(url_for("add"))
        os.makedirs(app.config["PHOTOS"], exist_ok=True)
        name = f"{uuid.uuid4().hex}.{kind}"
        photo.save(os.path.join(app.config["PHOTOS"], name))
        flash("Thank you!")
        return redirect(url_for("photo", name=name))
    return render_template("add.html")


@app.get("/photos/<name>")
def photo(name):
    response = send_from_directory(app.config["PHOTOS"], name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
