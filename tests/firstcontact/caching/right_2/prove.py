import threading
import time
from unittest import mock

import app as module

app = module.app
client = app.test_client()
now = time.time

one = client.get("/weather?city=Oslo").json
assert one == client.get("/weather?city=Oslo").json and one["city"] == "Oslo" and client.get("/weather?city=Århus").json["city"] == "Århus"
assert client.head("/weather?city=Bern").status_code == 200 and client.get("/weather?city=Bern").json["city"] == "Bern"
client.delete("/station")
assert client.get("/weather?city=Oslo").json == one and client.get("/weather?city=Nice").status_code == 503
client.put("/station")
assert client.get("/weather?city=Nice").status_code == 200
with mock.patch("time.time", lambda: now() + 121), mock.patch("cachelib.simple.time", lambda: now() + 121, create=True):
    assert client.get("/weather?city=Oslo").json != one
assert client.get("/texts/start").json["text"] == "" and client.get("/texts/start").json == client.get("/texts/start").json
client.put("/texts/start", data={"content": "ü"})
assert client.get("/texts/start").json["text"] == "ü" and client.get("/texts/other").json["text"] == ""
assert client.get("/tide").json == client.get("/tide").json
print("ok")
