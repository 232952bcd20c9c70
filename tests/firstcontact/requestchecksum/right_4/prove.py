import hashlib
import io
import threading

import app as module

app = module.create_app()
client = app.test_client()


def sha(data):
    return hashlib.sha256(data).hexdigest()


def b2(data): return hashlib.blake2b(data).hexdigest()
body = b'--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n' + b"z" * 100000 + b"\r\n--b--\r\n"
r = client.post("/pruefsumme", data=body, content_type="multipart/form-data; boundary=b")
assert b2(body) in r.text and "1 Dateien" in r.text
octets = "application/octet-stream"
for data in (b"", b"\xff" * 200000):
    assert b2(data) in client.post("/pruefsumme", data=data, content_type=octets).text
assert b2(b"abc") in client.post("/pruefsumme", content_type=octets, input_stream=io.BytesIO(b"abc"), environ_overrides={"wsgi.input_terminated": True}).text
assert client.post("/pruefsumme", json={}).status_code == 415
assert client.post("/pruefsumme", data=bytes(9 << 20), content_type=octets).status_code == 413
assert client.post("/ablage", data=b"x", content_type=octets, headers={"Pruefsumme": b2(b"x").upper()}).status_code == 201
for bad in ("", b2(b"y"), "\u00e9"):
    assert client.post("/ablage", data=b"x", content_type=octets, headers={"Pruefsumme": bad}).status_code == 400
assert len(client.get("/ablage").json["ablage"]) == 1
print("ok")
