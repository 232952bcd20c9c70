import threading
import time
from unittest import mock

import app as module

import tempfile
folder = tempfile.mkdtemp()
app = module.create_app({'FOLDER': folder})
client = app.test_client()
now = time.time

one = client.get("/lottery/1")
assert client.get("/lottery/1").json == one.json != client.get("/lottery/1?even=yes").json and client.get("/lottery/1?even=yes").json["even"] == "yes"
assert client.head("/lottery/3").status_code == 200 and client.get("/lottery/3").json["n"] == 3
assert client.get("/lottery/2").json["n"] == 2 and client.get("/lottery/22").json["n"] == 22
with mock.patch("time.time", lambda: now() + 89), mock.patch("cachelib.file.time", lambda: now() + 89):
    assert client.get("/lottery/1").json == one.json and client.get("/lottery/1").headers["Age"] == "89"
with mock.patch("time.time", lambda: now() + 92), mock.patch("cachelib.file.time", lambda: now() + 92):
    assert client.get("/lottery/1").json != one.json
assert client.get("/either", headers={"Accept": "application/json"}).is_json and not client.get("/either").is_json
a, b = app.test_client(), app.test_client()
assert a.get("/visitor").headers["Set-Cookie"] != b.get("/visitor").headers["Set-Cookie"]
a.get("/visitor"), b.get("/visitor")
assert "Set-Cookie" not in a.get("/visitor").headers and "Set-Cookie" in app.test_client().get("/visitor").headers
a.post("/enter", data={"name": "Ada"}); b.post("/enter", data={"name": "Grace"})
assert a.get("/desk").json["desk"] == "desk of Ada" and a.get("/desk").json == a.get("/desk").json and b.get("/desk").json["desk"] == "desk of Grace"
a.post("/leave")
assert a.get("/desk").status_code == 403
assert module.create_app({"FOLDER": folder}).test_client().get("/lottery/2").json == client.get("/lottery/2").json
print("ok")
