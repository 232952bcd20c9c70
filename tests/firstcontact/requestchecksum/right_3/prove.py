import hashlib
import io
import threading

import app as module

app = module.create_app()
client = app.test_client()


def sha(data):
    return hashlib.sha256(data).hexdigest()


def sha1(data): return hashlib.sha1(data).hexdigest()
bodies = [(b"\xff" * 70000, "application/octet-stream"), (b'{"a": 1}', "application/json"), (b"action=buy&x=1", "application/x-www-form-urlencoded"), ("ü".encode(), "text/plain"), (b"", None),
    (b'--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n' + b"z" * 100000 + b"\r\n--b--\r\nepilogue", "multipart/form-data; boundary=b"), (b"--b\r\nbroken", "multipart/form-data; boundary=b"), (b"{broken", "application/json")]
for body, kind in bodies:
    for chunked in (False, True):
        more = {"input_stream": io.BytesIO(body), "environ_overrides": {"wsgi.input_terminated": True}} if chunked else {"data": body}
        assert client.post("/sum", content_type=kind, **more).json["digest"] == sha1(body), (kind, chunked, body[:9])
        assert client.post("/orders", content_type=kind, headers={"ETag": f'"{sha1(body)}"'}, **({**more, "input_stream": io.BytesIO(body)} if chunked else more)).status_code == 200
assert client.post("/orders", data=b"x", headers={"ETag": '""'}).status_code == 412 == client.post("/orders", data=b"x").status_code
assert client.get("/orders").text.count(":") == len(bodies) * 2
assert client.post("/sum", data={"action": "buy"}).json["action"] == "buy"
print("ok")
