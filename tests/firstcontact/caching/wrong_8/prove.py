import threading
import time
from unittest import mock

import app as module

app = module.create_app()
client = app.test_client()
now = time.time

one = client.get("/summary").text
assert client.get("/inbox").text == one
client.post("/login", data={"user": "Ada"})
mine = client.get("/mine").text
assert client.get("/summary").text == mine
print("/summary shows", mine)
