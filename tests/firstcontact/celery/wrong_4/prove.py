import os
import tempfile

import app as module
from celery.contrib.testing.worker import start_worker

tmp = tempfile.mkdtemp()


def make(name="members.db"):
    return module.create_app({"DATABASE": os.path.join(tmp, name)})


def worker(app):
    return start_worker(app.extensions["celery"], perform_ping_check=False, pool="solo")


one, two = make("one.db"), make("two.db")


def where():
    return module.current_app._get_current_object()


task = one.extensions["celery"].task(where, name="where")
assert task() is two
print("a task of the first app runs in the context of the second")
