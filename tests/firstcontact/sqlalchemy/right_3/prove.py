import tempfile
import threading

import app as module


def make(name="plants.db", key="ENGINE"):
    app = module.create_app({key: f"sqlite:///{tempfile.mkdtemp()}/{name}"})
    with app.app_context():
        module.init_db()
    return app


app = make()
client = app.test_client()

import gc

import sqlalchemy

opened, closed = [], []
sqlalchemy.event.listen(app.extensions["sqlalchemy.engine"], "connect", lambda c, r: opened.append(1))
sqlalchemy.event.listen(app.extensions["sqlalchemy.engine"], "close", lambda c, r: closed.append(1))
u = "/v2/words/"
assert client.post(u, data={"w": "Я%_"}).status_code == 201 and client.post(u, data={"w": "Я%_"}).status_code == 409
assert client.post(u + "half", data={"w": "lost"}).status_code == 500
assert [r["word"] for r in client.get(u).json] == ["Я%_"]
assert client.get(u + "exact", query_string={"w": "%"}).json == [] and client.get(u + "exact", query_string={"w": "Я%_"}).json == ["Я%_"]
r = client.get(u + "all")
assert r.text == "Я%_\n"
r.close()
with app.app_context():
    data = module.snapshot()
assert data == ["Я%_"] and len(opened) == len(closed), (len(opened), len(closed))
assert make().test_client().get(u).json == []
print("ok")
