import os
import tempfile

import app as module
from celery.contrib.testing.worker import start_worker

tmp = tempfile.mkdtemp()


def make(name="members.db"):
    return module.create_app({"DATABASE": os.path.join(tmp, name)})


def worker(app):
    return start_worker(app.extensions["celery"], perform_ping_check=False, pool="solo")


os.chdir(tmp)  # make_celery uses the default settings
import make_celery

celery_app = make_celery.celery_app
celery_app.loader.import_default_modules()
celery_app.finalize()
known = sorted(name for name in celery_app.tasks if not name.startswith("celery."))
assert known == [], known
print("tasks that a fresh worker knows:", known)
assert make("web.db").test_client().post("/add", data={"a": 1, "b": 2}).status_code == 200
print("tasks after a request of the web process:", sorted(n for n in celery_app.tasks if not n.startswith("celery.")))
