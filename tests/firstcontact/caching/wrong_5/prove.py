import threading
import time
from unittest import mock

import app as module

app = module.create_app()
client = app.test_client()
now = time.time

client.get("/motto")
thread = threading.Thread(target=lambda: app.test_client().post("/motto", data={"text": "changed"}))
thread.start()
time.sleep(0.1)
client.get("/motto")
thread.join()
assert "none yet" in client.get("/motto").text
print("somebody who read during the change has brought the old text back for a minute")
