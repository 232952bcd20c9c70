import os
import tempfile

import app as module
from celery.contrib.testing.worker import start_worker

tmp = tempfile.mkdtemp()


def make(name="members.db"):
    return module.create_app({"DATABASE": os.path.join(tmp, name)})


def worker(app):
    return start_worker(app.extensions["celery"], perform_ping_check=False, pool="solo")


from flask import has_app_context

app = make()
closed = []
app.teardown_appcontext(closed.append)


def fails():
    return 1 / 0


task = app.extensions["celery"].task(fails, name="fails")
try:
    task()
except ZeroDivisionError as error:
    pass
assert has_app_context() and closed == []
print("after a task that failed: has_app_context", has_app_context(), "teardown functions run", closed)
