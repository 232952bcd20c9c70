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


r = client.options("/echo")
assert "Allow" not in r.headers and r.json == {"args": [], "form": []}
assert client.options("/").text == client.get("/").text
print("OPTIONS runs the view and has no Allow")
