"""Paste box: files are stored under the hash of their content."""
import hashlib
import os
import tempfile

from flask import Flask, Response, abort, redirect, render_template_string, request, send_from_directory, url_for

app = Flask(__name__)
app.config.from_mapping(PASTES=os.path.join(app.instance_path, "pastes"), MAX_CONTENT_LENGTH=1 << 20)
TYPES = {"txt": "text/plain", "csv": "text/csv", "py": "text/plain", "md": "text/plain"}
PAGE = """<!doctype html>
<html lang="en"><title>Paste box</title><h1>Paste box</h1>
{% if problem %}<p role="alert">{{ problem }}</p>{% endif %}
{% if href %}<p>Here it is: <a href="{{ href }}">{{ shown }}</a></p>{% endif %}
<form method="post" action="{{ url_for('paste') }}" enctype="multipart/form-data">
<input type="file" name="paste"><button>Paste</button></form></html>"""


def page(status=200, **values):
    return render_template_string(PAGE, **values), status


@app.get("/")
def index():
    return page()


@app.post("/")
def paste():
    part = request.files.get("paste")
    if not part:
        return page(400, problem="There is no file.")
    kind = os.path.splitext("_" + part.filename)[1][1:].lower()
    if kind not in TYPES:
        return page(400, problem=f"“{part.filename}” is not one of {', '.join(TYPES)}.")
    folder = app.config["PASTES"]
    os.makedirs(folder, exist_ok=True)
    digest = hashlib.sha256()
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".")
    try:
        with open(handle, "wb") as target:
            while chunk := part.stream.read(65536):
                digest.update(chunk)
                target.write(chunk)
        name = f"{digest.hexdigest()}.{kind}"
        os.replace(temporary, os.path.join(folder, name))
    except BaseException:
        os.unlink(temporary)
        raise
    return page(201, href=url_for("show", name=name), shown=part.filename)


@app.get("/p/<name>")
def show(name):
    if name.startswith("."):
        abort(404)
    response = send_from_directory(app.config["PASTES"], name, mimetype=TYPES.get(name.rpartition(".")[2]))
    response.headers.update({"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'"})
    return response


@app.errorhandler(413)
def large(error):
    return page(413, problem="At most one MiB.")
