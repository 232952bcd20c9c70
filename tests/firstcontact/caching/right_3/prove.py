import threading
import time
from unittest import mock

import app as module

app = module.create_app()
client = app.test_client()
now = time.time

one = client.get("/kurs/dax").text
assert one == client.get("/kurs/dax").text != client.get("/kurs/dax?tag=2").text
client.delete("/kurs/dax")
assert client.get("/kurs/dax").text == one and client.get("/kurs/x").status_code == 500 == client.get("/kurs/x").status_code
client.post("/kurs/dax")
assert client.get("/kurs/x").status_code == 200
with mock.patch("time.time", lambda: now() + 29): assert client.get("/kurs/dax").text == one
with mock.patch("time.time", lambda: now() + 31): assert client.get("/kurs/dax").text != one
for n in range(120): client.get(f"/kurs/dax?tag={n}")
assert len(app.extensions["speicher"].eintraege) == 50 and not app.extensions["speicher"].laeuft
answers = []
threads = [threading.Thread(target=lambda: answers.append(app.test_client().get("/kurs/neu").text)) for _ in range(8)]
[t.start() for t in threads]; [t.join() for t in threads]
assert len(set(answers)) == 1
assert client.get("/spruch").json["spruch"] == "noch keiner"
assert client.post("/spruch", data={"spruch": "ä"}).json["spruch"] == "ä" == client.get("/spruch").json["spruch"]
assert module.create_app().test_client().get("/spruch").json["spruch"] == "noch keiner"
assert module.create_app().test_client().get("/kurs/dax").text != client.get("/kurs/dax").text
print("ok")
