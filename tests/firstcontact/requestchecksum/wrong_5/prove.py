import hashlib
import io
import threading

import app as module

app = module.create_app()
client = app.test_client()


def sha(data):
    return hashlib.sha256(data).hexdigest()


assert client.post("/deposit", data=b"abc", headers={"X-Checksum-Sha256": "no"}).status_code == 400
assert client.get("/deposits").json == [sha(b"abc")]
print("400, but it is stored")
