import threading
import time
from unittest import mock

import app as module

app = module.create_app()
client = app.test_client()
now = time.time

one = client.get("/offers?kind=a").text
assert one == client.get("/offers?kind=a").text != client.get("/offers?kind=a&kind=b").text
assert client.get("/news").text == client.get("/news").text != client.get("/news/2").text
a, b = app.test_client(), app.test_client()
assert a.get("/account/orders").status_code == 401
assert a.post("/account/session", json={"customer": "c1"}).status_code == 201 == b.post("/account/session", json={"customer": "c2"}).status_code
assert "customer-c1" in a.get("/account/orders").text == a.get("/account/orders").text and "customer-c2" in b.get("/account/orders").text
assert a.get("/account/orders").headers["Cache-Control"] == "private"
old = a.get("/account/orders").text
a.delete("/account/session")
assert a.get("/account/orders").status_code == 401
a.post("/account/session", json={"customer": "c1"})
assert a.get("/account/orders").text != old
other = module.create_app().test_client()
assert other.get("/news").text != client.get("/news").text
with mock.patch("time.time", lambda: now() + 46), mock.patch("cachelib.simple.time", lambda: now() + 46, create=True):
    assert client.get("/offers?kind=a").text != one
print("ok")
