import sys
from app import app

assert "events.views" not in sys.modules
c = app.test_client()
first, second = c.get("/"), c.get("/")
assert first.status_code == second.status_code == 200
assert "Lisbon" in first.text and "Fado" in first.text   # the handler did not run
assert "Porto" in second.text and "Bridge" in second.text
print("proved")
