import hashlib
import io
import threading

import app as module

app = module.create_app()
client = app.test_client()


def sha(data):
    return hashlib.sha256(data).hexdigest()


class Waiting(io.BytesIO):
    def read(self, size=-1):
        started.set()
        other_done.wait(5)
        return super().read(size)
    def readinto(self, buffer): raise AttributeError

started, other_done = threading.Event(), threading.Event()
answers = []
thread = threading.Thread(target=lambda: answers.append(app.test_client().post("/checksum", input_stream=Waiting(b"first" * 9), content_length=45).json))
thread.start()
started.wait(5)
assert client.post("/checksum", data=b"second").json["sha256"] == sha(b"second")
other_done.set()
thread.join()
assert answers[0]["sha256"] != sha(b"first" * 9)
print("the slower request got the checksum of nothing that was sent with it")
