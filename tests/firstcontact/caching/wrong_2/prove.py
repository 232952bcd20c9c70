import threading
import time
from unittest import mock

import app as module

app = module.create_app()
client = app.test_client()
now = time.time

one = client.get("/report").text
for later in (40, 80, 120, 160):
    with mock.patch("time.time", lambda: now() + later):
        assert client.get("/report").text == one
with mock.patch("time.time", lambda: now() + 230):
    assert client.get("/report").text != one
print("after 160 seconds it is still the page that may be 60 seconds old")
