import threading
import time
from unittest import mock

import app as module

app = module.create_app()
client = app.test_client()
now = time.time

first, second = app.test_client(), app.test_client()
first.get("/summary")
second.get("/summary")
cookies = second.get("/summary").headers.getlist("Set-Cookie")
third = app.test_client()
got = third.get("/summary").headers.getlist("Set-Cookie")
assert got[0] == first.get("/summary").headers.getlist("Set-Cookie")[0] and len(got) > 1, got
print("the cached answer hands out the cookies of all who came before:", len(got))
