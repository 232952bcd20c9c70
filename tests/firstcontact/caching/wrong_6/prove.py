import threading
import time
from unittest import mock

import app as module

app = module.create_app()
client = app.test_client()
now = time.time

client.get("/report", headers={"Accept-Encoding": "gzip"})
r = client.get("/report")
assert r.headers["Content-Encoding"] == "gzip" and r.data[:2] == b"\x1f\x8b"
r = client.get("/report", headers={"Accept-Encoding": "identity, gzip;q=0"})
assert r.headers["Content-Encoding"] == "gzip"
print("gzip for a client that does not take it")
