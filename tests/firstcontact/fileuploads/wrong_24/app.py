"""Job applications with a CV; each problem is reported to the applicant."""
import os
import pathlib
import uuid

from flask import Blueprint, Flask, current_app, render_template_string, request
from flask import send_from_directory, url_for
from werkzeug.utils import secure_filename

jobs = Blueprint("jobs", __name__)

PAGE = """<!doctype html>
<html lang="en">
<title>Apply</title>
{% if problems %}<ul class="problems">{% for p in problems %}<li>{{ p }}{% endfor %}</ul>{% endif %}
{% if url %}<p>Thank you! <a href="{{ url }}">Your CV</a>{% endif %}
<form method="post" enctype="multipart/form-data">
<label for="cv">CV (pdf, doc, docx, txt)</label>
<input id="cv" name="cv" type="file">
<input type="submit" value="Apply">
</form>
</html>
"""


class Received:
    """A file on the disk, with what we think of it."""

    formats = {"pdf", "doc", "docx", "txt"}

    def __init__(self, storage):
        self.problems = []
        self.name = secure_filename(storage.filename)
        if "." not in self.name:
            self.name = f"{uuid.uuid4().hex}.{self.name or 'cv'}"
        self.sent_as = storage.filename
        folder = pathlib.Path(current_app.config["CV_FOLDER"])
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / self.name
        storage.save(self.path)
        self.validate()

    def validate(self):
        dot, extension = self.sent_as.rpartition(".")[1:]
        if not dot or extension.lower() not in self.formats:
            self.problems.append("Please send your CV as pdf, doc, docx or txt.")


@jobs.route("/apply", methods=["GET", "POST"])
def apply():
    if request.method == "GET":
        return render_template_string(PAGE)
    storage = request.files.get("cv")
    if storage is None or storage.filename == "":
        return render_template_string(PAGE, problems=["Please add your CV."]), 422
    cv = Received(storage)
    if cv.problems:
        return render_template_string(PAGE, problems=cv.problems), 422
    return render_template_string(PAGE, url=url_for("jobs.cv", name=cv.name)), 201


@jobs.route("/cv/<name>")
def cv(name):
    folder = os.path.abspath(current_app.config["CV_FOLDER"])
    return send_from_directory(folder, name)


app = Flask(__name__)
app.config["CV_FOLDER"] = os.path.join(app.instance_path, "cv")
app.config["MAX_CONTENT_LENGTH"] = 2_000_000
app.register_blueprint(jobs, url_prefix="/jobs")
