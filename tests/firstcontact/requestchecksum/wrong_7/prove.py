import hashlib
import io
import threading

import app as module

app = module.create_app()
client = app.test_client()


def sha(data):
    return hashlib.sha256(data).hexdigest()


import base64, gzip
packed = gzip.compress(b"abc")
digest = "sha-256=:%s:" % base64.b64encode(hashlib.sha256(packed).digest()).decode()
assert client.post("/checksum", data=packed, headers={"Content-Encoding": "gzip"}).json["sha256"] == sha(b"abc")
assert client.post("/deposit", data=packed, headers={"Content-Encoding": "gzip", "Content-Digest": digest}).status_code == 400
print("the checksum is not that of the incoming data but of what was unpacked")
