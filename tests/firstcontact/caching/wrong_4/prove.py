import threading
import time
from unittest import mock

import app as module

app = module.create_app()
client = app.test_client()
now = time.time

client.post("/break")
assert client.get("/report").status_code == 500
client.post("/mend")
assert client.get("/report").status_code == 503 and client.get("/report?region=1").status_code == 200
print("one failure, and the page never comes back")
