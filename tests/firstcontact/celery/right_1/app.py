"""Counts the words of documents. The documents are files; an answer says where to look."""
import os
import tempfile
from pathlib import Path

from celery import Celery, Task, shared_task
from flask import Flask, current_app, jsonify, request, url_for

last_folder = None


class ContextTask(Task):
    abstract = True

    def __call__(self, *args, **kwargs):
        with self.app.flask.app_context():  # each Celery app knows its own Flask app
            return super().__call__(*args, **kwargs)


def make_celery(flask_app):
    celery = Celery(flask_app.import_name, set_as_current=False)
    celery.Task = ContextTask
    celery.flask = flask_app
    celery.conf.update(flask_app.config["CELERY"])
    celery.set_default()
    flask_app.extensions["celery"] = celery
    return celery


def task(name):
    return current_app.extensions["celery"].tasks[name]


def folder(name):
    path = Path(current_app.config["FOLDER"]) / name
    path.mkdir(parents=True, exist_ok=True)
    return path


@shared_task(name="numbers.difference", ignore_result=False)
def difference(minuend, subtrahend):
    return minuend - subtrahend


@shared_task(name="documents.count")
def count(document):
    words = len((folder("documents") / document).read_text("utf-8").split())
    (folder("counts") / document).write_text(str(words))


def create_app(config=None):
    global last_folder
    app = Flask(__name__)
    app.config["CELERY"] = {
        "broker_url": "memory://",
        "result_backend": "cache+memory://",
        "task_ignore_result": True,
        "timezone": "Europe/Vienna",
    }
    app.config["FOLDER"] = "documents"
    app.config.update(config or {})
    last_folder = Path(app.config["FOLDER"])
    make_celery(app)

    @app.post("/differences")
    def subtract():
        try:
            minuend, subtrahend = int(request.form["minuend"]), int(request.form["subtrahend"])
        except ValueError:
            return jsonify(problem="whole numbers only"), 422
        job = task("numbers.difference").delay(minuend, subtrahend)
        return jsonify(job=job.id), 202, {"Location": url_for("job", job_id=job.id), "Retry-After": "1"}

    @app.get("/jobs/<job_id>")
    def job(job_id):
        meta = app.extensions["celery"].backend.get_task_meta(job_id)
        answer = jsonify(
            state=meta["status"],
            difference=meta["result"] if meta["status"] == "SUCCESS" else None,
            problem=repr(meta["result"]) if meta["status"] == "FAILURE" else None,
        )
        answer.cache_control.no_store = True
        return answer

    @app.post("/documents")
    def upload():
        handle, draft = tempfile.mkstemp(dir=folder("drafts"))
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(request.form["text"])
            if request.form.get("scan") == "1":
                raise OSError("the virus scanner is not there")
            name = os.path.basename(draft)
            os.rename(draft, folder("documents") / name)  # from here on the task can find it
        except BaseException:
            os.unlink(draft)
            raise
        task("documents.count").delay(name)
        return jsonify(document=name), 201

    return app


def is_there(document):
    return (last_folder / "documents" / document).is_file()


def counted():
    return [path.name for path in (last_folder / "counts").glob("*")]
