"""Album that trusts nobody's file extension: it looks into the files."""
import os
import tempfile

from flask import Flask, redirect, render_template_string, request, send_from_directory, url_for
from werkzeug.utils import secure_filename

app = Flask(__name__)
app.config["ALBUM"] = os.path.join(tempfile.gettempdir(), "album")
app.config["MAX_CONTENT_LENGTH"] = 16_000_000

SIGNATURES = {
    "png": (b"\x89PNG\r\n\x1a\n",),
    "gif": (b"GIF87a", b"GIF89a"),
    "jpg": (b"\xff\xd8\xff",),
    "pdf": (b"%PDF-",),
}

FORM = """<!doctype html>
<title>Album</title>
{% if error %}<p><strong>{{ error }}</strong></p>{% endif %}
<form method=post enctype=multipart/form-data>
  <input type=file name=picture>
  <input type=submit value="Put into the album">
</form>
"""


def extension_of(filename):
    return filename.rsplit(".", 1)[1].lower() if "." in filename else ""


def looks_right(picture, extension):
    head = picture.stream.read(512)
    return head.startswith(SIGNATURES[extension])


@app.route("/album", methods=["GET", "POST"])
def album():
    if request.method == "GET":
        return render_template_string(FORM)
    picture = request.files.get("picture")
    if picture is None or picture.filename == "":
        return render_template_string(FORM, error="No picture was chosen."), 400
    extension = extension_of(picture.filename)
    if extension not in SIGNATURES:
        return render_template_string(FORM, error="Not a type we know."), 415
    if not looks_right(picture, extension):
        return render_template_string(FORM, error=f"That is not really a {extension}."), 415
    os.makedirs(app.config["ALBUM"], exist_ok=True)
    filename = secure_filename(picture.filename)
    picture.save(os.path.join(app.config["ALBUM"], filename))
    return redirect(url_for("picture", name=filename))


@app.route("/album/<name>")
def picture(name):
    response = send_from_directory(app.config["ALBUM"], name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
