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
sent = []
type(app.extensions["celery"].tasks["app.send_welcome"]).apply_async = lambda self, args=(), *a, **k: sent.append(args)
client = app.test_client()
assert client.post("/signup", data={"name": "ada"}).status_code == 201
assert client.post("/signup", data={"name": "ada"}).status_code == 409
assert len(sent) == 1
assert client.post("/signup", data={"name": "bob"}).status_code == 201
assert sent == [("ada",), ("ada",), ("bob",)], sent
print("the next request also starts what the failed one had planned:", sent)
