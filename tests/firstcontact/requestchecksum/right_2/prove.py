import hashlib
import io
import threading

import app as module

app = module.create_app()
client = app.test_client()


def sha(data):
    return hashlib.sha256(data).hexdigest()


import hmac
def mac(data, secret=b"It's a Secret to Everybody"): return "sha256=" + hmac.new(secret, data, "sha256").hexdigest()
assert client.post("/echo", data=b"\xff" * 100000).text.strip() == mac(b"\xff" * 100000)
assert client.post("/echo").text.strip() == mac(b"")
assert client.post("/hook", json={}, headers={"X-Hub-Signature-256": mac(b"{}")}).status_code == 204
for bad in (None, "", "sha256=", mac(b"{} "), hashlib.sha256(b"{}").hexdigest(), "sha1=" + mac(b"{}")[7:], "sha256=\u00e9"):
    assert client.post("/hook", json={}, headers={"X-Hub-Signature-256": bad} if bad is not None else {}).status_code == 403, bad
assert len(client.get("/hook").json) == 1 and len(module.create_app().test_client().get("/hook").json) == 0
assert hmac.new(b"Hello, World!", b"", "sha256")
other = module.create_app({"WEBHOOK_SECRET": "other"}).test_client()
assert other.post("/echo", data=b"x").text.strip() == mac(b"x", b"other") and client.post("/echo", data=b"x").text.strip() == mac(b"x")
print("ok")
