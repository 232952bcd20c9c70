import hashlib
import io
import threading

import app as module

app = module.create_app()
client = app.test_client()


def sha(data):
    return hashlib.sha256(data).hexdigest()


import base64
def d(name, data): return "%s=:%s:" % (name, base64.b64encode(hashlib.new(name.replace("-", ""), data).digest()).decode())
for kwargs in ({"data": b"\xff\0" * 99999}, {"json": {"a": "ä"}}, {"data": {"f": (io.BytesIO(b"x" * 70000), "f.bin")}}, {"data": {"a": "b"}}, {"data": b""}):
    with app.test_request_context("/digests/", method="POST", **kwargs) as ctx:
        raw = ctx.request.get_data()
        kind = ctx.request.content_type
    assert client.post("/digests/", data=raw, content_type=kind).headers["X-Digest"] == hashlib.sha512(raw).hexdigest()
r = client.post("/digests/", input_stream=io.BytesIO(b"abc"), environ_overrides={"wsgi.input_terminated": True})
assert r.headers["X-Digest"] == hashlib.sha512(b"abc").hexdigest()
u = "/digests/letters"
good = d("sha-512", b"abc")
assert client.post(u, data=b"abc", headers={"Content-Digest": good}).status_code == 202
assert client.post(u, data=b"abc", headers={"Content-Digest": "md5=:AA==:, " + d("sha-256", b"abc")}).status_code == 202
assert client.post(u, data=b"abd", headers={"Content-Digest": good}).status_code == 422
assert client.post(u, data=b"abc", headers={"Content-Digest": good + ", " + d("sha-256", b"abd")}).status_code == 422
for bad in ("", "x", "md5=:AA==:", "sha-512=abc", "sha-512=:A:", "\u00e9", hashlib.sha512(b"abc").hexdigest()):
    assert client.post(u, data=b"abc", headers={"Content-Digest": bad}).status_code == 400, bad
assert client.post(u, data=b"abc").status_code == 400 and client.get(u).json == {"letters": 2}
print("ok")
