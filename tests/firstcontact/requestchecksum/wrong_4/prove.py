import hashlib
import io
import threading

import app as module

app = module.create_app()
client = app.test_client()


def sha(data):
    return hashlib.sha256(data).hexdigest()


assert client.post("/deposit", data=b"abc", headers={"X-Checksum-Sha256": sha(b"abc")}).status_code == 201
assert client.post("/deposit", data=b"abc", headers={"X-Checksum-Sha256": "no"}).status_code == 400
assert client.post("/deposit", data=b"abc", headers={"X-Checksum-Sha256": "\u00e9" * 64}).status_code == 500
print("500 for a checksum with a letter that is not ASCII")
