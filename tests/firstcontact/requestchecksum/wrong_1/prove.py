import hashlib
import io
import threading

import app as module

app = module.create_app()
client = app.test_client()


def sha(data):
    return hashlib.sha256(data).hexdigest()


assert client.post("/checksum", data=b"abc").json["sha256"] == sha(b"abc")
r = client.post("/checksum", input_stream=io.BytesIO(b"abc"), environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"})
assert r.json["sha256"] == sha(b"")
print("a body without Content-Length (chunked) has the checksum of nothing")
