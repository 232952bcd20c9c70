import sys
from app import create_app
from factory_floor.views_map import view

app = create_app()
late = [f"factory_floor.{m}" for m in ("screens", "telemetry", "health")]
assert not any(m in sys.modules for m in late)
c = app.test_client()
assert c.get("/floor/metrics").text.startswith("machines_running")
assert late[0] not in sys.modules and late[2] not in sys.modules
r = c.get("/floor/")
assert "Lathe" in r.text and "/floor/machine/6f1c1c5e" in r.text
assert c.get("/floor/machine/6f1c1c5e-0f5e-4a38-9f57-0f8a3f1b7a10").text == "<h1>Lathe</h1>"
assert c.get("/floor/health").status_code == 204
assert c.get("/floor/none").status_code == 404
v = view("factory_floor.health.check")
assert (v.__module__, v.__name__) == ("factory_floor.health", "check")
print("proved")
