import os
import tempfile

import app as module
from celery.contrib.testing.worker import start_worker

tmp = tempfile.mkdtemp()


def make(name="members.db"):
    return module.create_app({"DATABASE": os.path.join(tmp, name)})


def worker(app):
    return start_worker(app.extensions["celery"], perform_ping_check=False, pool="solo")


import time

app = make()
client = app.test_client()
time.sleep(1 - time.time() % 1)
ids = [client.post("/add", data={"a": n, "b": n}).json["result_id"] for n in (1, 2)]
assert ids[0] == ids[1]
with worker(app):
    app.extensions["celery"].AsyncResult(ids[0]).get(timeout=20)
    time.sleep(0.5)
    print("ids", ids, client.get(f"/result/{ids[0]}").json)
