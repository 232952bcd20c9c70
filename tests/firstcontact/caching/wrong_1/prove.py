import threading
import time
from unittest import mock

import app as module

app = module.create_app()
client = app.test_client()
now = time.time

assert client.head("/report").status_code == 200
assert client.get("/report").text == ""
assert client.get("/report?region=1").text
print("after a HEAD the page is empty for a minute")
