import tempfile
import threading

import app as module


def make(name="plants.db", key="DATABASE_URL"):
    app = module.create_app({key: f"sqlite:///{tempfile.mkdtemp()}/{name}"})
    with app.app_context():
        module.init_db()
    return app


app = make()
client = app.test_client()

for n in range(3):
    client.post("/plants", data={"name": f"plant {n}"})
with app.app_context():
    assert len(list(module.snapshot())) == 3
with app.app_context():
    later = module.snapshot()
try:
    rows = list(later)
except Exception as error:
    print("no data after the context:", type(error).__name__, error)
else:
    assert len(rows) < 3
    print("no data after the context:", rows)
