import tempfile
import time

import app as module
from celery.contrib.testing.worker import start_worker
from flask import has_app_context

app = module.create_app({"DATA": tempfile.mkdtemp()})
client = app.test_client()
celery = app.extensions["celery"]


def fails():
    return 1 / 0


task = celery.task(fails, name="fails")
try:
    task()
except ZeroDivisionError:
    assert not has_app_context()
with start_worker(celery, perform_ping_check=False, pool="solo"):
    id = client.post("/total", data={"net": 10, "tax": -2, "postage": 2**60}).json["nummer"]
    celery.AsyncResult(id).get(timeout=20)
    assert client.get(f"/total/{id}").json == {"fertig": True, "gut": True, "summe": 8 + 2**60, "fehler": None}
    assert client.post("/orders", data={"article": "tea", "stock": "none"}).status_code == 500
    assert client.post("/orders", data={"article": "tea"}).status_code == 201
    for _ in range(50):
        if module.parcels():
            break
        time.sleep(0.1)
assert module.parcels() == [1] and module.ordered(1)
print("ok")
