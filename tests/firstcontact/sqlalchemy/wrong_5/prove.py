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

client.post("/plants", data={"name": "rose"})
assert "<li>rose" in client.get("/plants/find?name=ROSE").text
print("found though it is not that exactly")
