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

for n in range(15):
    assert client.post("/plants/order", data={"name": "lost"}).status_code == 500
    if n == 13:
        assert client.get("/plants").status_code == 200
assert app.extensions["engine"].pool.checkedout() == 15
assert client.get("/plants").status_code == 500
print("no connection is left after fifteen failures")
