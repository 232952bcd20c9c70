import tempfile
import threading

import app as module


def make(name="plants.db", key="GUESTS"):
    app = module.create_app({key: f"sqlite:///{tempfile.mkdtemp()}/{name}"})
    with app.app_context():
        module.init_db()
    return app


app = make()
client = app.test_client()

def guest(name, n): return {"name": name, "email": f"g{n}@example.org"}
assert client.put("/guests", data=guest("Zoë", 1)).status_code == 201
assert client.put("/guests", data=guest("Zoë", 2)).status_code == 409
assert client.post("/guests/fail", data=guest("lost", 3)).status_code == 500
assert client.put("/guests", data=guest("A", 4)).status_code == 201
assert client.get("/guests").text == "A\r\nZoë\r\n"
assert client.get("/guest?name=Zoë").text == "Zoë" and client.get("/guest?name=zoë").text == ""
assert make().test_client().get("/guests").text == ""
with app.app_context():
    outer = module.db_session()
    outer.add(module.Guest("kept", "k@example.org"))
    client.get("/guests")  # another context in the same thread
    assert module.db_session() is outer
    module.db_session.commit()
    data = module.snapshot()
assert len(data) == 3 and not module.db_session.registry.registry
assert app.extensions["guests"].kw["bind"].pool.checkedout() == 0
print("ok")
