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


assert args("b=1&a=2&b=3&x=+") == [("b", "1"), ("a", "2"), ("b", "3"), ("x", " ")]
assert args("b=&a=2&b=3") == [("a", "2"), ("b", "3")] and form("b=&a=2&b=3")[0] == ("b", "")
print("parameters without a value are gone")
