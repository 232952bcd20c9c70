import os
import tempfile

import app as module
from celery.contrib.testing.worker import start_worker

tmp = tempfile.mkdtemp()


def make(name="members.db"):
    return module.create_app({"DATABASE": os.path.join(tmp, name)})


def worker(app):
    return start_worker(app.extensions["celery"], perform_ping_check=False, pool="solo")


app = make()
client = app.test_client()
a = 2**53 + 1
id = client.post("/add", data={"a": a, "b": 0}).json["result_id"]
with worker(app):
    app.extensions["celery"].AsyncResult(id).get(timeout=20)
    answer = client.get(f"/result/{id}").json
assert answer["ready"] and answer["value"] != a
print(a, "+ 0 =", answer["value"])
