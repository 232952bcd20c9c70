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
id = client.post("/add", data={"a": 1, "b": 2}).json["result_id"]
assert client.get(f"/result/{id}").json["ready"] is False
# what a worker stores when it starts with a task
app.extensions["celery"].backend.store_result(id, {"pid": 17, "hostname": "w1"}, "STARTED")
answer = client.get(f"/result/{id}").json
assert answer["ready"] is True and answer["value"] == {"pid": 17, "hostname": "w1"}
print("while the task is running:", answer)
