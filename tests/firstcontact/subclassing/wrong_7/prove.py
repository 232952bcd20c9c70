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


import flask
plain, mine = flask.Flask("json.tool"), module.OrderedFlask("json.tool")
assert mine.import_name == "app" != plain.import_name and mine.root_path != plain.root_path
print("name and folder of", mine.import_name, mine.root_path, "instead of", plain.import_name, plain.root_path)
