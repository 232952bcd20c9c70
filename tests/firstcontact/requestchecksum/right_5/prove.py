import hashlib
import io
import threading

import app as module

app = module.create_app()
client = app.test_client()


def sha(data):
    return hashlib.sha256(data).hexdigest()


import base64
def md5(data): return hashlib.md5(data).hexdigest()
u = "/api/v1/parts"
bodies = [(b"\xff" * 70000, "application/octet-stream"), (b'{"a": 1}', "application/json"), (b" [1,\n2] ", "application/json"), (b"action=buy&x=1", "application/x-www-form-urlencoded"), ("ü".encode(), "text/plain"), (b"", None),
    (b'--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n' + b"z" * 100000 + b"\r\n--b--\r\nepilogue", "multipart/form-data; boundary=b"), (b"--b\r\nbroken", "multipart/form-data; boundary=b"), (b"{broken", "application/json")]
for body, kind in bodies:
    assert client.post(u, content_type=kind, data=body).headers["X-MD5"] == md5(body), kind
    assert client.post(u, content_type=kind, input_stream=io.BytesIO(body), environ_overrides={"wsgi.input_terminated": True}).headers["X-MD5"] == md5(body), kind
    assert client.post(u + "/some", content_type=kind, data=body, headers={"Content-MD5": base64.b64encode(hashlib.md5(body).digest()).decode()}).status_code == 200
for bad in ("", "x", md5(b"x"), base64.b64encode(hashlib.md5(b"y").digest()).decode(), "\u00e9"):
    assert client.post(u + "/some", data=b"x", headers={"Content-MD5": bad}).status_code == 400, bad
assert client.post(u + "/some", data=b"x").status_code == 400
assert client.get(u).json == ["some"] * len(bodies)
print("ok")
