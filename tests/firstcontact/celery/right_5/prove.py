import tempfile
import time

import app as module
from celery.contrib.testing.worker import start_worker

one = module.create_app({"DATABASE": tempfile.mkdtemp() + "/n.db"})
two = module.create_app({"DATABASE": tempfile.mkdtemp() + "/n.db"})


def where():
    return module.current_app._get_current_object()


for app in (one, two):
    assert app.extensions["celery"].task(where, name="where")() is app
assert one.extensions["celery"].tasks["print"].app.flask_app is one
client = two.test_client()
celery = two.extensions["celery"]
with start_worker(celery, perform_ping_check=False, pool="solo"):
    id = client.put("/api/jobs/sum", data={"a": "-5", "b": "5"}).json["result_id"]
    celery.AsyncResult(id).get(timeout=20)
    assert client.get(f"/api/jobs/{id}").json == {"ready": True, "successful": True, "value": 0}
    assert client.put("/api/notes/", data={"name": "ä"}).status_code == 201
    assert client.put("/api/notes/", data={"name": "ä"}).status_code == 409
    for _ in range(50):
        if module.printed():
            break
        time.sleep(0.1)
assert module.printed() == ["ä"]
print("ok")
