import tempfile
import time

import app as module
from celery.contrib.testing.worker import start_worker

one = module.create_app({"FOLDER": tempfile.mkdtemp()})
two = module.create_app({"FOLDER": tempfile.mkdtemp()})


def where():
    return module.current_app._get_current_object()


for app in (one, two):
    assert app.extensions["celery"].task(where, name="where")() is app
client = two.test_client()
with start_worker(two.extensions["celery"], perform_ping_check=False, pool="solo"):
    start = client.post("/differences", data={"minuend": "3", "subtrahend": str(2**70)})
    assert start.status_code == 202 and start.json["job"] in start.headers["Location"]
    two.extensions["celery"].AsyncResult(start.json["job"]).get(timeout=20)
    assert client.get(start.headers["Location"]).json == {"state": "SUCCESS", "difference": 3 - 2**70, "problem": None}
    assert client.post("/documents", data={"text": "a b ü", "scan": "1"}).status_code == 500
    doc = client.post("/documents", data={"text": "a b ü"}).json["document"]
    assert module.is_there(doc)
    for _ in range(50):
        if module.counted():
            break
        time.sleep(0.1)
    assert module.counted() == [doc]
    two.extensions["celery"].backend.store_result("x", ZeroDivisionError("no"), "FAILURE")
    assert client.get("/jobs/x").json["problem"] == "ZeroDivisionError('no')"
print("ok")
