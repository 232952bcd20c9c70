"""One app object, no factory; `celery -A app:celery_app worker`."""
import os

from celery import Celery, Task
from celery.result import AsyncResult
from flask import Flask, abort, request


class FlaskCelery(Celery):
    def __init__(self, flask_app, **options):
        self.flask_app = flask_app
        super().__init__(flask_app.import_name, **options)
        self.config_from_object(flask_app.config["CELERY"])
        self.set_default()
        flask_app.extensions["celery"] = self

    class FlaskTask(Task):
        abstract = True

        def __call__(self, *args, **kwargs):
            with self._get_app().flask_app.app_context():
                return self.run(*args, **kwargs)

    task_cls = FlaskTask


app = Flask(__name__)
app.config["CELERY"] = {
    "broker_url": os.environ.get("BROKER", "memory://"),
    "result_backend": os.environ.get("RESULTS", "cache+memory://"),
    "task_ignore_result": True,
    "result_expires": 3600,
    "task_time_limit": 60,
}
celery_app = FlaskCelery(app)


@celery_app.task(ignore_result=False)
def power(base, exponent):
    return pow(base, abs(exponent), 1_000_000_007)


def expected(base, exponent):
    return pow(base, abs(exponent), 1_000_000_007)


@app.route("/power", methods=["POST"])
async def start():
    try:
        numbers = [int(request.form[name].strip()) for name in ("base", "exponent")]
    except ValueError:
        abort(400)
    return {"id": power.delay(*numbers).id}, 202


@app.route("/power/<uuid:id>")
async def look(id):
    result = AsyncResult(str(id), app=celery_app)
    state = result.state
    body = {"ready": state in result.app.backend.READY_STATES, "successful": state == "SUCCESS", "value": None, "error": None}
    if state == "SUCCESS":
        body["value"] = result.result
    elif body["ready"]:
        body["error"] = str(result.result)
    return body, {"Cache-Control": "no-store"}
