import threading
import time
from unittest import mock

import app as module

app = module.create_app()
client = app.test_client()
now = time.time

assert client.get("/report", headers={"If-None-Match": "*"}).status_code == 304
r = client.get("/report")
assert r.status_code == 304 and not r.data
print("304 without a page for a client that asked for the page")
