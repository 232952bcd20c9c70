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

added, finished = threading.Event(), threading.Event()


def other():
    with app.app_context():
        module.db_session.add(module.Plant(name="never committed"))
        added.set()
        finished.wait(10)
        module.db_session.rollback()


thread = threading.Thread(target=other)
thread.start()
added.wait(10)
client.post("/plants", data={"name": "mine"})
finished.set()
thread.join()
assert "never committed" in client.get("/plants").text
print("one request committed what another, parallel one had not")
