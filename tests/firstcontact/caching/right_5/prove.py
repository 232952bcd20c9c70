import threading
import time
from unittest import mock

import app as module

app = module.create_app()
client = app.test_client()
now = time.time

one = client.get("/feeds/a")
assert client.get("/feeds/a").data == one.data
assert client.get("/feeds/a", headers={"If-None-Match": one.headers["ETag"]}).status_code == 304
assert client.get("/feeds/a").data == one.data and client.get("/feeds/a").status_code == 200
assert client.get("/feeds/a", headers={"Range": "bytes=0-3"}).data == one.data[:4] and client.get("/feeds/a").data == one.data
assert client.get("/feeds/new", headers={"If-None-Match": "*"}).status_code == 304 and client.get("/feeds/new").status_code == 200
assert client.get("/feeds/c", headers={"Accept": "application/json"}).is_json and "html" in client.get("/feeds/c", headers={"Accept": "text/html"}).content_type
assert client.get("/feeds/c", headers={"Accept": "image/png"}).status_code == 406
assert client.head("/feeds/d").data == b"" and client.get("/feeds/d").data
assert client.get("/feeds/a?since=1").data != one.data
client.post("/down")
assert client.get("/feeds/a").data == one.data and client.get("/feeds/z").status_code == 503
client.post("/up")
assert client.get("/feeds/z").status_code == 200
with mock.patch("time.time", lambda: now() + 21), mock.patch("cachelib.simple.time", lambda: now() + 21, create=True):
    assert client.get("/feeds/a").data != one.data
assert module.create_app().test_client().get("/feeds/b").data != client.get("/feeds/b").data
print("ok")
