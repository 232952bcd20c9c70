import hashlib
import io
import threading

import app as module

app = module.create_app()
client = app.test_client()


def sha(data):
    return hashlib.sha256(data).hexdigest()


assert client.post("/deposit", data=b"abc", headers={"Content-Digest": "sha-256=:AAAA:"}).status_code == 400
assert client.post("/deposit", data=b"abc").status_code == 400
assert client.post("/deposit", data=b"abc", headers={"Content-Digest": "md5=:AAAA:"}).status_code == 201
assert client.post("/deposit", data=b"abc", headers={"Content-Digest": "nonsense"}).status_code == 201
print("accepted without any checksum that was compared")
