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

other = make()
assert app.config["DATABASE_URL"] != other.config["DATABASE_URL"]
client.post("/plants", data={"name": "of the first"})
assert "of the first" in other.test_client().get("/plants").text
third = make("roses.db")
assert "of the first" not in third.test_client().get("/plants").text
print("two databases of the same name in two folders are one")
