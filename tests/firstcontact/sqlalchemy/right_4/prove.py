import tempfile
import threading

import app as module


def make(name="plants.db", key="SQLALCHEMY_DATABASE_URI"):
    app = module.create_app({key: f"sqlite:///{tempfile.mkdtemp()}/{name}"})
    with app.app_context():
        module.db.create_all()
    return app


app = make()
client = app.test_client()

assert client.post("/orte", data={"ort": "Köln & Bonn"}).status_code == 205
assert client.post("/orte", data={"ort": "Köln & Bonn"}).status_code == 409
assert client.post("/orte/fehler", data={"ort": "verloren"}).status_code == 422
assert client.post("/orte/roh", data={"ort": "Ulm"}).status_code == 201
assert client.get("/orte").text == "Köln &amp; Bonn<br>Ulm"
assert client.get("/orte/suche?ort=Ulm").status_code == 200 and client.get("/orte/suche?ort=ulm").status_code == 404
assert make().test_client().get("/orte").text == ""
with app.app_context():
    daten = module.schnappschuss()
assert daten == {"Köln & Bonn": ["angelegt"], "Ulm": []}
with app.app_context():
    assert module.db.engine.pool.checkedout() == 0
print("ok")
