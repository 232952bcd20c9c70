import hashlib
import io
import threading

import app as module

app = module.create_app()
client = app.test_client()


def sha(data):
    return hashlib.sha256(data).hexdigest()


assert client.post("/checksum", data="grün".encode()).json["sha256"] == sha("grün".encode())
assert client.post("/checksum", data=b"\xff\xd8\xff").json["sha256"] != sha(b"\xff\xd8\xff")
print("binary data has the checksum of its replacement characters")
