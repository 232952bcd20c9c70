import io
import threading
import warnings

warnings.simplefilter("ignore", DeprecationWarning)

import app as module

app = module.create_app()
client = app.test_client()
FORM = "application/x-www-form-urlencoded"


def args(query):
    return [tuple(pair) for pair in client.get("/echo?" + query).json["args"]]


def form(body, kind=FORM):
    return [tuple(pair) for pair in client.post("/echo", data=body, content_type=kind).json["form"]]


assert client.get("/").status_code == 200
answers = []
thread = threading.Thread(target=lambda: answers.append(app.test_client().get("/").status_code))
thread.start()
thread.join()
assert answers == [500]
print("async views answer in the main thread alone")
