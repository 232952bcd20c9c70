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


assert args("b=1&a=2&b=3") == form("b=1&a=2&b=3") == [("b", "1"), ("a", "2"), ("b", "3")]
with app.test_request_context("/?x=1&secret=2") as ctx:
    mine = ctx.request.args
    client.get("/echo?y=5&z=6")
    assert list(mine.items(multi=True)) == [("y", "5"), ("z", "6")]
r = client.post("/echo?b=1&a=2", data="q=9&p=8", content_type=FORM)
print("a request shows the parameters of another; the first one's are now:", list(mine.items(multi=True)))
