import hashlib
import io
import threading

import app as module

app = module.create_app()
client = app.test_client()


def sha(data):
    return hashlib.sha256(data).hexdigest()


class Slow(io.RawIOBase):
    """A socket: gives what has come so far."""
    def __init__(self, parts): self.parts = list(parts)
    def readable(self): return True
    def readinto(self, buffer):
        part = self.parts.pop(0) if self.parts else b""
        buffer[:len(part)] = part
        return len(part)

big = bytes(200_001)
assert client.post("/checksum", data=big).json["sha256"] == sha(big)
r = client.post("/checksum", environ_overrides={"wsgi.input": Slow([b"abc", b"def"]), "CONTENT_LENGTH": "6"})
assert r.json["sha256"] == sha(b"abc")
print("only what the first read gave is in the checksum")
