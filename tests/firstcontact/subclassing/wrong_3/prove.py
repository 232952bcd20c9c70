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


assert args("b=1&a=%C3%A4&b=&c=x%20y") == [("b", "1"), ("a", "ä"), ("b", ""), ("c", "x y")]
assert args("a=x+y") == [("a", "x+y")] and form("a=x+y") == [("a", "x y")]
print("a plus in the query is not a blank")
