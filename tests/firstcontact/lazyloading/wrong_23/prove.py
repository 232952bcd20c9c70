import sys
import threading
import time
from app import app

assert "weather.forecast" not in sys.modules
got = []


def ask():
    got.append(app.test_client().get("/forecast").status_code)


threads = [threading.Thread(target=ask) for _ in range(4)]
for t in threads:
    t.start()
    time.sleep(0.03)
for t in threads:
    t.join()
assert 500 in got and 200 in got, got      # while it is being imported by the first
assert app.test_client().get("/forecast").status_code == 200
assert app.test_client().get("/forecast/rome").json["city"] == "rome"
print("proved", got)
