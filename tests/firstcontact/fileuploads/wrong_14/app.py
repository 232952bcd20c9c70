"""Files of a help desk's tickets."""
from pathlib import Path
from tempfile import gettempdir

from flask import Flask, jsonify, request, send_from_directory, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.utils import secure_filename

app = Flask(__name__)
app.config.from_mapping(
    TICKET_FILES=str(Path(gettempdir()) / "tickets"),
    MAX_CONTENT_LENGTH=5 * 1024 * 1024,
)

TYPES = ("log", "txt", "png", "jpg", "zip")


@app.errorhandler(HTTPException)
def as_json(error):
    return jsonify(code=error.code, message=error.description), error.code


@app.route("/")
def form():
    return """<!doctype html>
<title>Help desk</title>
<form action="/tickets/files" method="post" enctype="multipart/form-data">
<p><input type="file" name="file"></p>
<p><button type="submit">Attach</button></p>
</form>"""


@app.route("/tickets/files", methods=["POST"])
def attach():
    upload = request.files.get("file")
    if not upload or not upload.filename:
        return jsonify(code=400, message="There is no file."), 400

    filename = upload.filename
    if "." not in filename or filename.rsplit(".", 1)[-1].lower() not in TYPES:
        return jsonify(code=415, message=f"One of {', '.join(TYPES)}, please."), 415

    folder = Path(app.config["TICKET_FILES"])
    folder.mkdir(parents=True, exist_ok=True)
    upload.save(folder / secure_filename(filename))

    return jsonify(
        name=filename,
        url=url_for("ticket_file", name=filename),
    ), 201


@app.route("/tickets/files/<path:name>")
def ticket_file(name):
    return send_from_directory(app.config["TICKET_FILES"], name, as_attachment=True)
