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

assert client.post("/plants/order", data={"name": "lost"}).status_code == 500
assert client.post("/plants", data={"name": "mine"}).status_code == 303
assert "lost" in client.get("/plants").text
print("the next request of the thread has committed the row of the failed one")
