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
assert "lost" in client.get("/plants").text
print("the row of the request that failed is stored")
