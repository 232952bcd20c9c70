import app as module
from celery.contrib.testing.worker import start_worker
from flask import Flask, current_app

client = module.app.test_client()
other = Flask("other")
other.config["CELERY"] = dict(module.app.config["CELERY"])
second = module.FlaskCelery(other)


def where():
    return current_app._get_current_object()


assert second.task(where, name="where")() is other
assert module.celery_app.task(where, name="where")() is module.app
celery = module.celery_app
with start_worker(celery, perform_ping_check=False, pool="solo"):
    ids = [client.post("/power", data={"base": b, "exponent": e}).json["id"] for b, e in ((3, 40), (2, 65), (0, 0))]
    answers = []
    for id in ids:
        celery.AsyncResult(id).get(timeout=20, propagate=False)
        answers.append(client.get(f"/power/{id}").json)
assert answers[0] == {"ready": True, "successful": True, "value": 3**40 % 1_000_000_007, "error": None}, answers
ids[1] = "00000000-0000-4000-8000-000000000001"
celery.backend.store_result(ids[1], OverflowError("too much"), "FAILURE")
assert client.get(f"/power/{ids[1]}").json == {"ready": True, "successful": False, "value": None, "error": "too much"}
assert answers[2]["value"] == 1
assert client.get("/power/00000000-0000-4000-8000-000000000000").json["ready"] is False
print("ok")
