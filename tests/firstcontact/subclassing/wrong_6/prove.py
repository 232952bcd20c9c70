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


assert form("b=1&a=2&b=3") == [("b", "1"), ("a", "2"), ("b", "3")]
assert client.post("/echo", data={"text": "x" * 150_000}).status_code == 200
many = b"".join(b'--b\r\nContent-Disposition: form-data; name="f%d"\r\n\r\n1\r\n' % n for n in range(60)) + b"--b--\r\n"
assert client.post("/echo", data=many, content_type="multipart/form-data; boundary=b").status_code == 200
print("MAX_FORM_MEMORY_SIZE and MAX_FORM_PARTS are of no effect")
